// First steps in Spanish.
import type { CardTexts } from "../first-steps.ts";

export const es: CardTexts = {
  emergency: "Puede ser una emergencia.",
  sameDay: "Esto debe verlo un profesional hoy.",
  call: "Llame ahora al número de emergencias local o vaya a las urgencias más cercanas.",
  callToday: "Llame hoy a un médico o a urgencias. Si empeora, llame al número de emergencias.",
  crisis: "Usted importa y no tiene que pasar por esto a solas. Puede llamar ahora a una línea de ayuda.",
  footnote:
    "Si esto le está pasando ahora a usted o a alguien cercano, llame al número de emergencias local.",
  limits: "Este aviso sale de una lista de palabras, no de un médico. Puede no detectar una emergencia.",
  disclaimer:
    "Un modelo de investigación, no un médico. Puede equivocarse. No lo use para diagnosticar ni para cambiar un tratamiento.",
  steps: {
    collapse: [
      "Llame con el altavoz. Si la persona no respira con normalidad, comprima fuerte y rápido el centro del pecho, de 100 a 120 veces por minuto, hasta que llegue ayuda.",
      "No la deje sola ni espere a ver si despierta.",
    ],
    breathing: [
      "Siente a la persona erguida. Use su inhalador de rescate mientras espera. Atragantamiento: 5 golpes en la espalda y 5 compresiones sobre el ombligo (bebés: en el pecho).",
      "No la acueste.",
    ],
    anaphylaxis: [
      "Si hay un autoinyector de adrenalina, úselo ya en la cara externa del muslo y llame. Acuéstela con las piernas en alto, o sentada si respira mal.",
      "No confíe en las pastillas para la alergia ni la levante de golpe.",
    ],
    stroke: [
      "Anote la hora en que la persona estaba bien por última vez y dígala a los servicios de emergencia.",
      "Nada de comer ni beber, ni aspirina, aunque los signos desaparezcan.",
    ],
    chest: [
      "Pare, siéntese y no se mueva. Que alguien se quede con usted.",
      "No conduzca ni espere a que pase el dolor.",
    ],
    seizure: [
      "Mida el tiempo, aparte los objetos y ponga a la persona de lado cuando termine.",
      "No la sujete ni le meta nada en la boca.",
    ],
    bleeding: [
      "Presione fuerte la herida con un paño limpio y no suelte.",
      "No saque un objeto clavado en la herida.",
    ],
    poisoning: [
      "Guarde el envase o una foto. Salga al aire libre si puede ser gas o humo.",
      "No provoque el vómito ni espere a tener síntomas.",
    ],
    suicide: [
      "Dígaselo ahora a alguien, quédese con una persona de confianza y aléjese de lo que pueda hacerle daño.",
      "No se quede a solas con esto. Si puede hacerse daño, llame al número de emergencias.",
    ],
    violence: [
      "Vaya a un lugar seguro si puede. Un estrangulamiento o una violación requieren atención médica pronto, aunque no haya marcas.",
      "No tiene que enfrentarse a nadie. Borre esta conversación si alguien puede leerla.",
    ],
    infant: [
      "Un bebé de menos de 3 meses con fiebre, frío o que no come debe ser visto ahora.",
      "No dé medicinas para esperar a ver.",
    ],
    child: [
      "Vaya ahora. Siga dando el pecho o sorbos de suero oral por el camino si puede beber.",
      "No espere a la próxima toma ni a mañana.",
    ],
    meningitis: [
      "Vaya ahora y diga que le preocupa una meningitis.",
      "No espere a que salgan manchas ni a tener todos los signos.",
    ],
    sepsis: [
      "Vaya ahora y pregunte: ¿puede ser sepsis?",
      "No espere una cita ni tape la fiebre con pastillas.",
    ],
    head: [
      "Mantenga quieta a la persona y vigílela. Si le duele el cuello, no lo mueva.",
      "No la deje sola ni la deje conducir.",
    ],
    pregnancy: [
      "Llame ahora a emergencias o a la maternidad. Acuéstese del lado izquierdo.",
      "No espere al próximo control.",
    ],
    sugar: [
      "Si está despierta y el azúcar está bajo: de 15 a 20 g de azúcar y nuevo control a los 15 minutos.",
      "Nada por la boca si no está bien despierta. No suspenda la insulina.",
    ],
    heat: [
      "Llévela a la sombra y enfríe rápido el cuerpo con agua y ventilador.",
      "No obligue a beber a una persona confundida.",
    ],
    burn: [
      "Enfríe 20 minutos con agua corriente fresca. Quite los anillos. Electricidad: corte primero la corriente.",
      "Ni hielo, ni mantequilla, ni pasta de dientes, ni huevo.",
    ],
    bite: [
      "Serpiente o alacrán: quédese quieto, inmovilice el miembro, quite los anillos. Mordedura de animal: lave 15 minutos con agua y jabón.",
      "No corte, no chupe, no ponga hielo ni torniquete.",
    ],
    eye: [
      "Producto químico: enjuague con mucha agua limpia al menos 15 minutos y vaya a urgencias.",
      "No se frote el ojo ni conduzca.",
    ],
    cauda: [
      "Vaya a urgencias ahora y diga qué no siente o no controla.",
      "No espere una cita con fisioterapia o el especialista.",
    ],
    abdomen: ["Acuéstese, no se mueva y pida ayuda.", "No coma ni tome laxantes."],
    testis: [
      "Vaya a urgencias ahora: solo hay unas horas para salvarlo.",
      "No espere a mañana; no coma ni beba.",
    ],
  },
};
