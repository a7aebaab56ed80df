/** Texts that follow a rule of their own. Each rule is one regular expression, so that it can stand in a generated schema. */
export type TextFormat = "email" | "url" | "uuid" | "digits";

export const TEXT_FORMATS: Readonly<Record<TextFormat, RegExp>> = {
  email: /^[^\s@,;<>]+@[^\s@,;<>]+\.[A-Za-z]{2,}$/,
  url: /^https?:\/\/[^\s]+$/,
  uuid: /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  // Codes such as postal codes: as a number they would lose their leading zeros.
  digits: /^\d+$/,
};

export const TEXT_FORMAT_NAMES: readonly TextFormat[] = ["email", "url", "uuid", "digits"];
