import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EMERGENCY_NUMBERS, EMERGENCY_REGIONS, numbersFor } from "./emergency-numbers.ts";
import { findPersonalData } from "./personal-data.ts";
import { personalDataNotice } from "./personal-data-notice.ts";

const kinds = (text: string): string[] => findPersonalData(text).map(({ kind }) => kind);

test("what may tell who somebody is, is found in each language", () => {
  const cases: [string, string[]][] = [
    ["write to ana.perez@example.org", ["email"]],
    ["wang_test＠example.com", ["email"]],
    ["call me at +1 415-555-0199 or (212) 555-0143", ["phone", "phone"]],
    ["07700 900123", ["phone"]],
    ["SSN 219-09-9999", ["id"]],
    ["NHS no 999 000 0018", ["id"]],
    ["MRN: 00012345", ["record"]],
    ["DOB 01/02/1990", ["birth"]],
    ["my name is Jane Sample", ["name"]],
    ["身份证号：990101199001010019，电话 13800000000", ["id", "phone"]],
    ["990101199912310020", ["id"]],
    ["住院号：00123456", ["record"]],
    ["我叫王某某", ["name"]],
    ["199019999900110", ["id"]],
    ["mon numéro 06 39 98 12 34", ["phone"]],
    ["née le 3 mars 1985", ["birth"]],
    ["DNI 00000001R", ["id"]],
    ["00000001R", ["id"]],
    ["me llamo Ana Ejemplo", ["name"]],
    ["9999 0000 1119", ["id"]],
    ["+91 98000 00000", ["phone"]],
    ["मेरा नाम रमेश है", ["name"]],
    ["رقم الملف ٤٥٦٧٨", ["record"]],
    ["٠١٠٠٠٠٠٠٠٠٠", ["phone"]],
    ["+966 50 000 0000", ["phone"]],
    ["اسمي سارة المثال", ["name"]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(kinds(text), expected, text);
});

test("doses, codes, measurements and public numbers are left alone", () => {
  for (const text of [
    "150-300-600 mg, then 2.5-5-10",
    "BP 120/80, pulse 72, 98.6",
    "PMID 2125550143 and ISBN 0306406152",
    "990101199001010018",
    "199019999900111",
    "00000001S",
    "9999 0000 1118",
    "call 1-800-222-1222 or 988 or 116 123",
    "10000000 UFC, 9800000000 IU",
    "NCT01234567, E11.65, CAS 50-78-2",
    "my name is not important",
    "12356 或 120",
    "A1c 6.8 % in 2021",
  ])
    assert.deepEqual(kinds(text), [], text);
});

test("what is found is where it says, in order and without overlaps", () => {
  const piece = fc.constantFrom(
    "a@example.org",
    "٠١٠٠٠٠٠٠٠٠٠",
    "MRN: 00012345",
    " ، ",
    "x",
    "6",
    "-",
    "身份证",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
      const text = parts.join(" ");
      let end = 0;
      for (const found of findPersonalData(text)) {
        assert.ok(found.index >= end);
        assert.equal(text.slice(found.index, found.index + found.text.length), found.text);
        end = found.index + found.text.length;
      }
    }),
  );
});

test("numbers are where they are said to be, and a chosen country comes alone", () => {
  assert.ok(EMERGENCY_REGIONS.length > 40);
  assert.ok(
    EMERGENCY_NUMBERS.every(({ numbers }) => numbers.every((number) => /^[\d -]{2,16}$/u.test(number))),
  );
  assert.deepEqual(
    numbersFor("emergency", "en", "AU").map(({ numbers }) => numbers),
    [["000"]],
  );
  assert.ok(numbersFor("emergency", "hi")[0]?.numbers.includes("108"));
  assert.ok(
    numbersFor("crisis", "en", "KE").every(({ checked }) => checked),
    "no number of its own: the checked ones",
  );
  assert.deepEqual(numbersFor("poison", "en"), []);
});

test("the notice names each kind once, in every language", () => {
  const found = findPersonalData("Call +33 6 12 34 56 78 or write to ana@example.org or bob@example.org");
  const notices = (["en", "zh", "fr", "es", "hi", "ar"] as const).map((language) => {
    const notice = personalDataNotice(found, language);
    assert.ok(notice !== undefined && !notice.includes("{"), language);
    return notice;
  });
  assert.equal(new Set(notices).size, notices.length);
  assert.equal(notices[0]?.match(/e-mail/gu)?.length, 1);
  assert.equal(personalDataNotice([], "fr"), undefined);
});
