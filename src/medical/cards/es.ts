// First steps in Spanish.
import type { CardTexts } from "../first-steps.ts";

export const es: CardTexts = {
  emergency: "Puede ser una emergencia.",
  sameDay: "Esto debe verlo un profesional hoy.",
  call: "Llame ahora al número de emergencias local o vaya a las urgencias más cercanas.",
  callToday: "Llame hoy a un médico o a urgencias. Si empeora, llame al número de emergencias.",
  crisis: "Su vida importa y no tiene que pasar por esto a solas. Puede llamar ahora a una línea de ayuda.",
  footnote:
    "Si esto le está pasando ahora a usted o a alguien cercano, llame al número de emergencias local.",
  limits: "Este aviso sale de una lista de palabras, no de un médico. Puede no detectar una emergencia.",
  disclaimer:
    "Un modelo de investigación, no un médico. Puede equivocarse. No lo use para diagnosticar ni para cambiar un tratamiento.",
  steps: {
    collapse: [
      "Llame y active el altavoz. Si no respira con normalidad: comprima fuerte y rápido el centro del pecho, de 100 a 120 veces por minuto, hasta que llegue ayuda; que alguien traiga un desfibrilador. Si respira bien: póngala de lado.",
      "Boquear o jadear no es respirar con normalidad. No espere a ver si despierta.",
    ],
    breathing: [
      "Siente a la persona erguida. Use su inhalador de rescate mientras espera. Atragantamiento sin poder toser: 5 golpes fuertes en la espalda y 5 compresiones sobre el ombligo (bebés: en el pecho); repita.",
      "No la acueste.",
    ],
    anaphylaxis: [
      "Si hay un autoinyector de adrenalina, úselo ya en la cara externa del muslo y llame. Acuéstela con las piernas en alto, o sentada si respira mal. Si no mejora en 5 minutos, use otro.",
      "No confíe en las pastillas para la alergia; que no se levante ni camine.",
    ],
    stroke: [
      "Llame ya y anote la hora en que la persona estaba bien por última vez, para la ambulancia.",
      "Nada de comer ni beber, ni aspirina. Llame aunque los signos desaparezcan.",
    ],
    chest: [
      "Pare, siéntese y no se mueva. Que alguien se quede con usted.",
      "No conduzca ni espere a que pase el dolor. Tome aspirina solo si se lo indica el servicio de emergencias.",
    ],
    seizure: [
      "Mida el tiempo, aparte los objetos y ponga a la persona de lado cuando termine.",
      "No la sujete ni le meta nada en la boca.",
    ],
    bleeding: [
      "Presione fuerte la herida con un paño limpio y no suelte. Sangrado de nariz: sentado, inclinado hacia delante, apriete la parte blanda.",
      "No levante el paño para mirar; ponga otro encima. No saque un objeto clavado en la herida.",
    ],
    poisoning: [
      "Guarde el envase o una foto. Salga al aire libre si puede ser gas o humo. Si tragó una pila o imanes: vaya ya al hospital.",
      "No provoque el vómito, no dé nada por la boca sin consultar a un centro de toxicología y no espere a tener síntomas.",
    ],
    suicide: [
      "Dígaselo ahora a alguien, quédese con una persona de confianza y aléjese de lo que pueda hacerle daño. Si se trata de otra persona: quédese con ella y llame.",
      "No se quede a solas con esto. Si puede hacerse daño, llame al número de emergencias.",
    ],
    violence: [
      "Vaya a un lugar seguro si puede. Un estrangulamiento o una violación requieren atención médica pronto, aunque no haya marcas.",
      "No tiene que enfrentarse a nadie. Borre esta conversación si alguien puede leerla.",
    ],
    infant: [
      "Un bebé de menos de 3 meses con fiebre (38 °C o más), frío o que no come necesita atención médica ahora.",
      "No dé medicinas para esperar a ver.",
    ],
    child: [
      "Vaya a urgencias ahora. Por el camino, siga dando el pecho o sorbos de suero oral si puede beber.",
      "No espere a la próxima toma ni a mañana.",
    ],
    meningitis: [
      "Vaya a urgencias ahora y diga que le preocupa una meningitis.",
      "No espere a que salgan manchas ni a tener todos los signos.",
    ],
    sepsis: [
      "Vaya a urgencias ahora y pregunte: ¿puede ser una infección grave (sepsis)?",
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
      "Si está despierta y tiene el azúcar bajo, o no hay medidor: de 15 a 20 g de azúcar, por ejemplo un vaso de jugo; nuevo control a los 15 minutos. Azúcar alto con vómitos: vaya a urgencias.",
      "Nada por la boca si no está bien despierta. Con el azúcar alto, no suspenda la insulina.",
    ],
    heat: [
      "Golpe de calor: llévela a la sombra y enfríe rápido el cuerpo con agua y ventilador. Sacada del agua o congelada: quite la ropa mojada, abríguela y busque atención aunque parezca estar bien.",
      "No obligue a beber a una persona confundida.",
    ],
    burn: [
      "Enfríe 20 minutos con agua corriente fresca y cubra con film de cocina o un paño limpio. Quite los anillos. Electricidad: corte primero la corriente.",
      "Ni hielo, ni mantequilla, ni pasta de dientes, ni huevo.",
    ],
    bite: [
      "Serpiente o alacrán: quédese quieto, inmovilice el miembro, quite los anillos. Mordedura de animal: lave 15 minutos con agua y jabón.",
      "No corte, no chupe, no ponga hielo ni torniquete.",
    ],
    eye: [
      "Producto químico: enjuague con mucha agua limpia al menos 20 minutos y vaya a urgencias.",
      "No se frote el ojo, no saque nada clavado en él y no conduzca.",
    ],
    cauda: [
      "Vaya a urgencias ahora y diga qué no siente o no controla.",
      "No espere una cita con fisioterapia o el especialista.",
    ],
    abdomen: ["Acuéstese, no se mueva y pida ayuda.", "No coma ni beba, y no tome laxantes."],
    testis: [
      "Vaya a urgencias ahora: solo hay unas horas para salvarlo.",
      "No espere a mañana; no coma ni beba.",
    ],
  },
};
