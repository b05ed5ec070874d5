import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findPersonalData, maskPersonalData } from "./personal-data.ts";

/** All numbers are made up: reserved ranges, official specimens, or a region that does not exist, with computed check digits. */
const MASKED: Readonly<Record<string, readonly (readonly [text: string, masked: string])[]>> = {
  en: [
    ["Write to ana.perez@example.org, please.", "Write to [EMAIL], please."],
    ["info (at) example.net", "[EMAIL]"],
    ["Call (212) 555-0143 or 312.555.0107.", "Call [PHONE] or [PHONE]."],
    ["+1 415-555-0199", "[PHONE]"],
    ["My mobile is 07700 900123.", "My mobile is [PHONE]."],
    ["+44 7700 900456 / 020 7946 0018", "[PHONE] / [PHONE]"],
    ["SSN 219-09-9999", "SSN [ID]"],
    ["social security: 078-05-1120", "social security: [ID]"],
    ["SSN# 123 45 6789", "SSN# [ID]"],
    ["MBI 1EG4-TE5-MK73", "MBI [ID]"],
    ["NPI: 1234567893", "NPI: [ID]"],
    ["his NHS number is 999 000 0018", "his NHS number is [ID]"],
    ["NHS no 9990000026", "NHS no [ID]"],
    ["999 000 0018", "[ID]"],
    ["NI AB123456C, JK 98 76 54 A", "NI [ID], [ID]"],
    ["SIN 046 454 286", "SIN [ID]"],
    ["MRN: 00012345, admitted", "MRN: [RECORD], admitted"],
    ["Chart no. AB-123456", "Chart no. [RECORD]"],
    ["DOB 01/02/1990", "DOB [DOB]"],
    ["born on 3 March 1985 in", "born on [DOB] in"],
    ["see http://example.org/patient?id=77", "see [URL]"],
    ["https://example.org/reset?session=abc123&lang=en.", "[URL]."],
    ["from 192.0.2.244, then 2001:db8::1", "from [IP], then [IP]"],
    ["passport no: X1234567", "passport no: [ID]"],
  ],
  zh: [
    ["身份证号：990101199001010019，", "身份证号：[ID]，"],
    ["患者990101199912310020入院", "患者[ID]入院"],
    ["电话 13800000000", "电话 [PHONE]"],
    ["手机：１３８００００００００", "手机：[PHONE]"],
    ["+86 199-0000-0000", "[PHONE]"],
    ["010-12345678", "[PHONE]"],
    ["住院号：00123456", "住院号：[RECORD]"],
    ["微信号：abc_test01", "微信号：[ID]"],
    ["QQ：123456", "QQ：[ID]"],
    ["wang_test＠example.com", "[EMAIL]"],
    ["出生日期：1990年1月2日。", "出生日期：[DOB]。"],
    ["香港身份證 A123456(3)", "香港身份證 [ID]"],
    ["身分證 A123456789", "身分證 [ID]"],
  ],
  fr: [
    ["NIR : 2 55 12 14 168 025 05", "NIR : [ID]"],
    ["1 99 01 99 999 001 10", "[ID]"],
    ["numéro de sécurité sociale 199019999900111", "numéro de sécurité sociale [ID]"],
    ["Tél. 06 39 98 12 34", "Tél. [PHONE]"],
    ["+33 1 99 00 12 34 ou 01.99.00.45.67", "[PHONE] ou [PHONE]"],
    ["née le 3 mars 1985", "née le [DOB]"],
    ["dossier n° 123456", "dossier n° [RECORD]"],
    ["IPP : 8001234567", "IPP : [RECORD]"],
  ],
  es: [
    ["DNI: 00.000.000-T", "DNI: [ID]"],
    ["con 00000001R", "con [ID]"],
    ["NIE Y0000001S", "NIE [ID]"],
    ["CURP: GOAA000101MDFXXX02", "CURP: [ID]"],
    ["XEXX900101HNEXXXA1", "[ID]"],
    ["RUT 12.345.678-5", "RUT [ID]"],
    ["Llame al 600 000 000", "Llame al [PHONE]"],
    ["+34 912 00 00 00", "[PHONE]"],
    ["55 0000 0000", "[PHONE]"],
    ["fecha de nacimiento: 12/03/1970", "fecha de nacimiento: [DOB]"],
    ["NHC 123456", "NHC [RECORD]"],
  ],
  hi: [
    ["आधार 999912345678", "आधार [ID]"],
    ["9999 0000 1119", "[ID]"],
    ["Aadhaar no: 9999 8888 7779", "Aadhaar no: [ID]"],
    ["PAN: AAAPZ0000A", "PAN: [ID]"],
    ["मो. ९८०००००००० पर", "मो. [PHONE] पर"],
    ["+91 98000 00000", "[PHONE]"],
    ["जन्म तिथि: 02/01/1990", "जन्म तिथि: [DOB]"],
    ["UHID 20231234", "UHID [RECORD]"],
  ],
  ar: [
    ["رقم الهوية ١٠٩٩٩٩٩٩٩٥", "رقم الهوية [ID]"],
    ["الرقم القومي ٣٠٠٠١٠١٨٨٠٠٠١٣", "الرقم القومي [ID]"],
    ["784-1990-0000001-0", "[ID]"],
    ["+966 50 000 0000", "[PHONE]"],
    ["هاتف: ٠١٠٠٠٠٠٠٠٠٠", "هاتف: [PHONE]"],
    ["مواليد ١٩٩٠/٠١/٠٢", "مواليد [DOB]"],
    ["رقم الملف ٤٥٦٧٨", "رقم الملف [RECORD]"],
  ],
};

const KEPT: Readonly<Record<string, readonly string[]>> = {
  en: [
    "Take 150-300-600 mg, then 200-300-1000 mg.",
    "0.05-0.1-0.15 µg/kg/min; BP 120/80; 98.6/72/16",
    "WBC 4500000 cells, 1.2E6 copies, 9800000000 IU",
    "LOINC 4548-4, ICD-10 J45.909, U07.1, ATC A10BA02, CAS 50-78-2, CAS 110-54-3",
    "SNOMED CT 44054006, NDC 0002-8215-01, EC 3.4.21.5, version 4.5.6.7",
    "PMID: 31234567, PMID 2125550143, NCT01234567, ISRCTN12345678, ISBN 0306406152",
    "doi:10.1000/182, https://doi.org/10.1056/NEJMoa2034577 and https://www.who.int/news?lang=en",
    "EudraCT 2004-000446-20; pages 1123–1130; 1990-2020; NM_000546.6; c.1521_1523del",
    "Published 12 March 2020. The 2021 guideline. MRN pending. Poison control: 1-800-222-1222.",
    "120-80-2024; 666-12-3456; 999 000 0019; 943 476 5910 ng/L; GB123456A; HLA-B27; CYP2C19",
    "5 mg@8h, n@50%, teeth 11-21-36, 20/20 6/6, 312 555 people, 0.07700 mmol",
    "Give 1 000 000 IU of penicillin; 202203040507; 12345678 U/L; lot 185072123",
  ],
  zh: [
    "拨打120，心理热线12356。",
    "病毒载量13800000000 copies/mL，1.38×10^10",
    "国药准字H20000000，床号3床，QT间期450，批号20240315123456789012",
    "110101199002300014不是日期，990101199001010018不合校验",
    "2019年12月31日发布，B12 500 µg，C3435(A)，血压120/80",
  ],
  fr: [
    "05 10 15 20 25 mg/j",
    "le 3114",
    "lot 185 072 123",
    "Publié le 3 mars 2020",
    "0,6 39 98",
    "2 000 000 UI",
  ],
  es: [
    "600 mg 800 mg",
    "llame al 024",
    "900 000 UI",
    "12345678 U/L",
    "1.234.567 casos",
    "2000 3000 4000 kcal",
    "678 123 456 habitantes",
    "00000001S",
  ],
  hi: ["98.0 101.0", "9800000000 IU", "५०० मि.ग्रा. दिन में २ बार", "0000 1234 5678", "2020 के दिशानिर्देश"],
  ar: ["اتصل على 123", "٠٫٠١ ملغ", "05 000 000 وحدة", "20013010100006", "عام ٢٠٢٠", "٥٠٠ ملغ مرتين"],
};

test("personal data is masked by type in six languages", () => {
  for (const [language, cases] of Object.entries(MASKED))
    for (const [text, masked] of cases)
      assert.equal(
        maskPersonalData(text, language, () => {}),
        masked,
        language,
      );
});

test("doses, lab values, codes, hotlines and the dates of medicine stay", () => {
  for (const [language, texts] of Object.entries(KEPT))
    for (const text of texts)
      assert.equal(
        maskPersonalData(text, language, () => {}),
        text,
        language,
      );
});

test("what is found stands in order and does not overlap, on any text", () => {
  const piece = fc.oneof(
    fc.constantFrom(...Object.values(MASKED).flatMap((cases) => cases.map(([text]) => text))),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.stringMatching(/^[\d .@+()\-/:]{0,30}$/),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom("en", "zh", "ar"), (pieces, language) => {
      const text = pieces.join(" ");
      let at = 0;
      for (const { start, end } of findPersonalData(text, language)) {
        assert.ok(start >= at && end > start && end <= text.length);
        at = end;
      }
    }),
    { seed: 7, numRuns: 100 },
  );
});
