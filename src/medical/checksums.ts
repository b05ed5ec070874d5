// Check digits of national identity numbers. Each takes the number without separators; random digits pass one time in ten to a hundred,
// so a pass proves something only beside a plausible date, a fixed shape or a label.

/** Luhn (ISO/IEC 7812-1): Saudi and Canadian numbers. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.at(-1 - i));
    const doubled = i % 2 === 1 ? 2 * digit : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Verhoeff (1969), over the dihedral group of ten elements: Aadhaar. */
export function passesVerhoeff(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i++) check = multiply(check, permute(Number(digits.at(-1 - i)), i));
  return check === 0;
}

/** The dihedral group D5: 0 to 4 are turns, 5 to 9 turns after a flip. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((((a - b) % 5) + 5) % 5) : (a - b + 5) % 5;
}

const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function permute(digit: number, times: number): number {
  let now = digit;
  for (let i = 0; i < times % 8; i++) now = PERMUTATION[now]!;
  return now;
}

/** NHS number (England, Wales): ten digits, weights 10 to 2, modulo 11. */
export function passesNhs(digits: string): boolean {
  return (
    digits.length === 10 &&
    (11 - (weigh(digits.slice(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(digits[9])
  );
}

/** Chinese resident identity number (GB 11643-1999): eighteen places, a real date from 1900 on, ISO 7064 mod 11-2. */
export function passesChineseId(id: string): boolean {
  if (!isDate(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14)))) return false;
  const sum = weigh(id.slice(0, 17), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  return "10X98765432"[sum % 11] === id[17]!.toUpperCase();
}

/** French social security number: thirteen places (Corsica 2A, 2B) and a key, 97 - number mod 97. */
export function passesNir(number: string): boolean {
  const digits = number.toUpperCase().replace("2A", "19").replace("2B", "18");
  return /^\d{15}$/u.test(digits) && 97n - (BigInt(digits.slice(0, 13)) % 97n) === BigInt(digits.slice(13));
}

/** Spanish DNI and NIE: the letter is the number modulo 23. */
export function passesDni(id: string): boolean {
  const digits = id
    .slice(0, -1)
    .toUpperCase()
    .replace(/^[XYZ]/u, (letter) => String("XYZ".indexOf(letter)));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(digits) % 23] === id.at(-1)!.toUpperCase();
}

/** Mexican CURP: eighteen places, the last one modulo 10; Ñ counts between N and O, as in RENAPO's table. */
export function passesCurp(curp: string): boolean {
  const alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += alphabet.indexOf(curp[i]!) * (18 - i);
  return (10 - (sum % 10)) % 10 === Number(curp[17]);
}

/** Chilean RUT: modulo 11 with weights 2 to 7, K for ten. */
export function passesRut(rut: string): boolean {
  let sum = 0;
  for (let i = 0; i < rut.length - 1; i++) sum += Number(rut.at(-2 - i)) * (2 + (i % 6));
  return (
    "0123456789K0"[(11 - (sum % 11)) % 12] === rut.at(-1)!.toUpperCase() ||
    (sum % 11 === 0 && rut.endsWith("0"))
  );
}

/** Hong Kong identity card, `A1234563`: letters count from 10, weights from 9 or 8 down, modulo 11. */
export function passesHongKongId(id: string): boolean {
  const padded = id.length === 8 ? ` ${id}` : id;
  let sum = 0;
  for (let i = 0; i < 8; i++) {
    const value =
      padded[i] === " " ? 36 : /\d/u.test(padded[i]!) ? Number(padded[i]) : letterValue(padded[i]!);
    sum += value * (9 - i);
  }
  const check = padded[8] === "A" ? 10 : Number(padded[8]);
  return (sum + check) % 11 === 0;
}

/** Taiwanese identity number: a letter that stands for two digits, then nine; weights 1, 9 to 1, 1, modulo 10. */
export function passesTaiwanId(id: string): boolean {
  const letter = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".indexOf(id[0]!);
  const digits = String(letter) + id.slice(1);
  return weigh(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
}

/** Egyptian national number: century, a real date, a governorate; its check digit is not published. */
export function hasEgyptianShape(digits: string): boolean {
  const century = digits[0] === "2" ? 1900 : 2000;
  const year = century + Number(digits.slice(1, 3));
  return (
    isDate(year, Number(digits.slice(3, 5)), Number(digits.slice(5, 7))) &&
    /^(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)$/u.test(digits.slice(7, 9))
  );
}

function weigh(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0);
}

function letterValue(letter: string): number {
  return letter.charCodeAt(0) - 55;
}

function isDate(year: number, month: number, day: number): boolean {
  if (year < 1900 || year > 2100) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
