// Canonical values, as docs/protocol.md, 1 has them: what a client sends becomes the strings that are committed.
// A kind gives the canonical string, null for nothing, or throws.

import { SCHEMAS } from "./page.mjs";

class Refused extends Error {}

function refuseUnless(holds) {
  if (!holds) throw new Refused();
}

function trimmed(value) {
  refuseUnless(typeof value === "string" && value.length <= 64);
  return value.replace(/^ +| +$/g, "");
}

function matched(text, pattern) {
  refuseUnless(pattern.test(text));
  return text;
}

const decimal = (places, low, high, zeroIsAbsent = false) => (value) => {
  const match = /^([+\u2212-]?)([0-9]{1,9})(?:[.,]([0-9]{1,9}))?$/.exec(trimmed(value));
  refuseUnless(match !== null && (match[3] ?? "").length <= places);
  const size = BigInt(match[2] + (match[3] ?? "").padEnd(places, "0"));
  if (size === 0n && zeroIsAbsent) return null;
  const number = match[1] === "" || match[1] === "+" ? size : -size;
  refuseUnless(number >= low && number <= high);
  return `${number}`;
};

const whole = (low, high) => (value) => {
  const number = Number.isInteger(value) ? value : Number(matched(trimmed(value), /^[0-9]{1,9}$/));
  refuseUnless(number >= low && number <= high);
  return `${number}`;
};

const upper = (text) => text.toUpperCase();
const lower = (text) => text.toLowerCase();

const code = (pattern, fold = upper, words = []) => (value) => {
  const text = fold(matched(trimmed(value), /^[\x00-\x7f]*$/));
  refuseUnless(text.length < 2 || /[0-9]/.test(text) || words.includes(text));
  refuseUnless(![text, ...text.split("/")].some(isInsuredNumber) && !isWrittenDate(text));
  return matched(text, pattern);
};

const choice = (...words) => (value) => {
  const text = trimmed(value);
  refuseUnless(words.includes(text));
  return text;
};

const day = (value) => {
  const text = matched(trimmed(value), /^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$/);
  const found = new Date(`${text}T00:00:00Z`);
  refuseUnless(!Number.isNaN(found.getTime()) && found.toISOString().startsWith(text));
  return text;
};

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const digits = (text) => [...text].map(Number);
const isLuhn = (text) =>
  sum(digits(text).reverse().map((digit, place) => (place % 2 ? [...`${2 * digit}`].map(Number) : [digit])).flat()) % 10 === 0;

const siret = (value) => {
  const text = matched(trimmed(value).replaceAll(" ", ""), /^[0-9]{14}$/);
  const siren = text.slice(0, 9);
  refuseUnless(/[1-9]/.test(siren) && isLuhn(siren));
  refuseUnless(isLuhn(text) || (siren === "356000000" && sum(digits(text)) % 5 === 0));
  return text;
};

const gtin = (value) => {
  const text = matched(trimmed(value), /^(?:[0-9]{8}|[0-9]{12,14})$/);
  const weighted = digits(text).reverse().map((digit, place) => digit * (place % 2 ? 3 : 1));
  refuseUnless(/[1-9]/.test(text) && sum(weighted) % 10 === 0);
  return text.padStart(14, "0");
};

function isInsuredNumber(text) {
  const bare = text.toUpperCase().replace(/[ ./_-]/g, "");
  if (!/^[12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{8}$/.test(bare)) return false;
  const number = bare.replace("2A", "19").replace("2B", "18");
  return 97n - (BigInt(number.slice(0, 13)) % 97n) === BigInt(number.slice(13));
}

function isWrittenDate(text) {
  const [month, day, year] = ["(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])", "(19|20|21)[0-9]{2}"];
  const early = "(19[0-9]{2}|200[0-9]|201[0-5])";
  const parted = ["\\.", "_", "/", "-"].flatMap((by) =>
    [[year, month, day], [day, month, year], [month, day, year]].map((parts) => parts.join(by)),
  );
  const together = [early + month + day, day + month + early, month + day + early];
  return [...parted, ...together].some((form) => new RegExp(`^${form}$`).test(text));
}

const word = code(/^[A-Z0-9._-]{1,35}$/);
const number = code(/^[A-Z0-9._/-]{1,35}$/);

const treatments = ["AR", "BLUE", "HARD", "PHOTO", "POLAR", "TINT", "UV"];
const moneys = ["BGN", "CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "ISK", "NOK", "PLN", "RON", "SEK", "XPF"];
const cases = ["after_one_year", "at_any_time", "under_16", "two_years", "usual", "vision_changed"];
const supplement = code(/^[A-Z0-9._-]{1,35}$/, upper, treatments);

const codes = (value) => {
  refuseUnless(Array.isArray(value) && value.length <= 16);
  const text = [...new Set(value.map(supplement))].sort().join(",");
  refuseUnless(text.length <= 256);
  return text || null;
};

const KINDS = {
  maker: word,
  code: word,
  codes,
  number,
  lot: number,
  order: number,
  dossier_reference: number,
  cover_number: number,
  grouped_code: code(/^(?!.*[0-9]{7})[A-Z0-9]{1,16}$/),
  mapping: code(/^[a-z0-9.-]{1,24}\/[0-9]{1,6}$/, lower),
  currency: code(/^[A-Z]{3}$/, upper, moneys),
  udi: code(/^(?=[!-~]*[0-9])[!-~]{1,64}$/, (text) => text),
  token: code(/^[0-9a-f]{64}$/, lower),
  legal_case: code(/^[a-z0-9._/-]{1,35}$/, lower, cases),
  form: choice("behind_the_ear", "receiver_in_canal", "in_the_ear", "in_the_canal"),
  ear: choice("right", "left"),
  gain: whole(0, 100),
  output: whole(80, 150),
  date: day,
  size: code(/^[0-9]{2}(?:-[0-9]{2}(?:-[0-9]{3})?)?$/),
  geometry: choice("single_vision", "bifocal", "trifocal", "progressive", "intermediate"),
  eye: choice("right", "left"),
  index: decimal(3, 1300, 2200),
  sphere: decimal(2, -4000, 4000),
  cylinder: decimal(2, -2000, 2000),
  addition: decimal(2, 25, 600, true),
  prism: decimal(2, 1, 4000, true),
  axis: whole(0, 180),
  prism_base: whole(0, 360),
  diameter: decimal(1, 300, 1000),
  pupillary_distance: decimal(1, 150, 450),
  fitting_height: decimal(1, 50, 600),
  amount: decimal(2, 0, 9999999),
  services: decimal(2, 1, 9999999, true),
  siret,
  gtin,
  previous_date: day,
  prescription_date: day,
  ground: choice("under_16", "after_one_year", "at_any_time"),
  request_date: day,
  valid_until: day,
};

const CLASS = { optics: code(/^[AB]$/), hearing: code(/^I{1,2}$/, upper, ["II"]) };

function kindOf(schema, name) {
  return name === "class" ? CLASS[schema.split(".")[0]] : KINDS[name];
}

function oneLens(values) {
  let { sphere, cylinder, axis, prism, prism_base: base } = values;
  if (cylinder === null || cylinder === "0") cylinder = axis = null;
  if (cylinder !== null) {
    refuseUnless(sphere !== null && axis !== null);
    let [power, along, degrees] = [sphere, cylinder, axis].map(Number);
    if (along > 0) [power, along, degrees] = [power + along, -along, degrees + 90];
    refuseUnless(Math.abs(power) <= 4000 && Math.abs(power + along) <= 4000);
    degrees = degrees % 180 || 180;
    [sphere, cylinder, axis] = [power, along, degrees].map(String);
  }
  refuseUnless(prism === null || base !== null);
  base = prism === null ? null : `${Number(base) % 360}`;
  return { ...values, sphere, cylinder, axis, prism_base: base };
}

function money(values) {
  refuseUnless(values.currency !== null || (values.amount === null && (values.services ?? null) === null));
  return values;
}

// The canonical values of a group by field, or null if what was sent is refused.
export function canonical(schema, group, trade) {
  try {
    const fields = SCHEMAS[schema][group];
    refuseUnless(Object.keys(trade).every((name) => fields.includes(name)));
    const each = fields.map((name) => [name, trade[name] == null ? null : kindOf(schema, name)(trade[name])]);
    const values = Object.fromEntries(each);
    if (fields.includes("sphere")) return oneLens(values);
    return fields.includes("amount") ? money(values) : values;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}
