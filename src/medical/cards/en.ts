// First steps in English: one thing to do, one not to do, for each category.
import type { CardTexts } from "../first-steps.ts";

export const en: CardTexts = {
  emergency: "This may be an emergency.",
  sameDay: "This should be seen today.",
  call: "Call your local emergency number now, or go to the nearest emergency department.",
  callToday:
    "Call a doctor, an urgent care line or an emergency department today. If it gets worse, call your emergency number.",
  crisis: "You matter, and you do not have to be alone with this. You can call or text a crisis line now.",
  footnote: "If this is happening now to you or someone near you, call your local emergency number.",
  limits: "This notice comes from a list of words, not from a doctor. It can miss emergencies.",
  disclaimer:
    "A research model, not a doctor. It can be wrong. Do not use it for diagnosis or to change a treatment.",
  steps: {
    collapse: [
      "Call on speaker. Not breathing normally: push hard and fast in the middle of the chest, 100 to 120 times a minute, until help comes; someone should fetch a defibrillator. Breathing normally: roll onto the side.",
      "Do not take gasping for normal breathing, and do not wait to see if they wake up.",
    ],
    breathing: [
      "Sit the person upright. Use their reliever inhaler while you wait. Choking and cannot cough: 5 firm blows between the shoulder blades, then 5 thrusts above the navel (babies: on the chest), and repeat.",
      "Do not make the person lie flat.",
    ],
    anaphylaxis: [
      "If there is an adrenaline pen, use it now in the outer thigh, then call. Lie flat with legs raised, or sit if breathing is hard. No better after 5 minutes: use a second pen.",
      "Do not rely on allergy tablets, and do not stand up or walk.",
    ],
    stroke: [
      "Call now and note the time when the person was last well, for the ambulance.",
      "Give nothing to eat or drink and no aspirin. Call even if the signs go away.",
    ],
    chest: [
      "Stop, sit down and stay still. Someone should stay with the person.",
      "Do not drive yourself and do not wait for the pain to pass. Take aspirin only if the emergency service tells you to.",
    ],
    seizure: [
      "Time it, clear the space around the person, and turn them on their side when it stops.",
      "Do not hold the person down or put anything in the mouth.",
    ],
    bleeding: [
      "Press hard on the wound with a clean cloth and keep pressing. Nosebleed: sit, lean forward and pinch the soft part of the nose.",
      "Do not lift the cloth to look; put more on top. Do not pull out an object that is stuck in the wound.",
    ],
    poisoning: [
      "Keep the package or a photo of it. Get out into fresh air if it may be gas or smoke. Swallowed battery or magnets: go to hospital now.",
      "Do not make the person vomit, give nothing by mouth unless a poison centre says so, and do not wait for symptoms.",
    ],
    suicide: [
      "Tell someone near you now, stay with a person you trust, and move away from anything you could hurt yourself with. If it is about someone else: stay with them and call.",
      "Do not stay alone with this. If you may act on it, call the emergency number.",
    ],
    violence: [
      "Go to a safe place if you can. Being choked or raped needs medical care soon, even without visible injuries.",
      "You do not have to confront anyone. Delete this conversation if someone may read it.",
    ],
    infant: [
      "A baby under 3 months with a fever (38 °C or more), or who feels cold or does not feed, must be seen now.",
      "Do not give medicine and wait to see.",
    ],
    child: [
      "Go to an emergency department now. On the way, keep offering the breast or small sips of oral rehydration solution if the child can drink.",
      "Do not wait for the next feed or for tomorrow.",
    ],
    meningitis: [
      "Go to an emergency department now and say that you are worried about meningitis.",
      "Do not wait for a rash or for all the signs.",
    ],
    sepsis: [
      "Go to an emergency department now and ask: could it be sepsis?",
      "Do not wait for an appointment, and do not hide the fever with tablets first.",
    ],
    head: [
      "Keep the person still and watch them. If the neck hurts, do not move it.",
      "Do not leave the person alone or let them drive.",
    ],
    pregnancy: [
      "Call the emergency number or the maternity unit now. Lie on your left side.",
      "Do not wait for the next check-up.",
    ],
    sugar: [
      "Awake and low sugar, or no meter: 15 to 20 g of sugar now, for example a glass of juice; check again in 15 minutes. High sugar with vomiting: go to an emergency department now.",
      "Give nothing by mouth to someone who is not fully awake. With high sugar, do not stop insulin.",
    ],
    heat: [
      "Overheated: move to the shade and cool the body fast with water and a fan. Pulled from water or frozen: take off wet clothes, keep warm, and get medical help even if they seem well.",
      "Do not force a confused person to drink.",
    ],
    burn: [
      "Cool the burn under cool running water for 20 minutes, then cover it with cling film or a clean cloth. Take off rings. For electricity, switch off the power first.",
      "No ice, butter, toothpaste or egg on the burn.",
    ],
    bite: [
      "Snake or scorpion: stay still, keep the limb still, take off rings. Animal bite: wash 15 minutes with soap and water.",
      "Do not cut, suck, cool with ice or tie the limb tightly.",
    ],
    eye: [
      "Chemical in the eye: rinse with plenty of clean water for at least 20 minutes. Then go.",
      "Do not rub the eye, do not pull out anything stuck in it, and do not drive yourself.",
    ],
    cauda: [
      "Go to an emergency department now and say what you can no longer feel or control.",
      "Do not wait for a physiotherapy or specialist appointment.",
    ],
    abdomen: ["Lie still and get help.", "Do not eat or drink, and take no laxatives."],
    testis: [
      "Go to an emergency department now: it may be saved only within a few hours.",
      "Do not wait until tomorrow, and do not eat or drink.",
    ],
  },
};
