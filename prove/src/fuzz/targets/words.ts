/** What JSON texts of this library are made of. */
export const JSON_WORDS: readonly string[] = [
  ...['"', "\\", "{", "}", "[", "]", ":", ",", "null", "true", "0", "-0", "1e400", "1e-7", "9007199254740993"],
  ...[
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\ufeff",
    "\u2028",
    "é",
    "😀",
    '"__proto__":',
    '"constructor":',
    '{"a":0,"a":0}',
  ],
];

export const VALUE_WORDS: readonly string[] = [
  ...['{"$ah":"undefined"}', '{"$ah":"number","value":"-0"}', '{"$ah":"bigint","value":"12"}'],
  ...['{"$ah":"string","parts":[55296]}', '{"$ah":"object","entries":[["__proto__",0]]}', '{"$ah":"ref","id":0}'],
  ...['{"$ah":"array","length":4294967295,"entries":[]}', '{"$ah":"array","length":33554432,"entries":[[7,0]]}'],
  ...['{"$ah":"def","id":0,"value":[]}', '{"$ah":"map","entries":[[0,0]]}', '{"$ah":"set","values":[0]}'],
  ...['{"$ah":"date","value":null}', '{"$ah":"regexp","source":"(a+)+$","flags":"g","lastIndex":0}'],
  ...['{"$ah":"url","href":"http://a/"}', '{"$ah":"bytes","type":"Buffer","base64":"aGk="}', "$ah", "lc_kwargs"],
  ...['{"$ah":"error","type":"Error","stack":0,"hidden":[["name",0]]}', "Uint8Array", "BigInt64Array", "DataView"],
  ...['{"$ah":"error","type":"AggregateError","errors":[]}', "TypeError", "message", "cause", "class", "properties"],
  ...['{"$ah":"dom-exception","name":"AbortError","message":"m"}', "toJSON", "toString", "length", "entries", "stack"],
];
