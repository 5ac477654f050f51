/** Texts, with expressions between braces; regular expressions, raw; numbers with their units. */

module.exports = {
  text: ($) =>
    choice(
      seq('"', repeat($._text_part), token.immediate('"')),
      seq('"""', repeat($._block_part), token.immediate('"""')),
    ),

  _text_part: ($) => choice(alias(choice($._text_chunk, $._brace), $.text_content), $.escape, $.interpolation),
  _block_part: ($) =>
    choice(alias(choice($._block_chunk, $._block_quote, $._brace), $.text_content), $.escape, $.interpolation),

  // Before the comments: `//` in a text begins none.
  _text_chunk: (_) => token.immediate(prec(1, /[^"\\{\n]+/)),
  _block_chunk: (_) => token.immediate(prec(1, /[^"\\{]+/)),
  _block_quote: (_) => token.immediate('"'),
  _brace: (_) => token.immediate("{"),

  escape: (_) => token.immediate(prec(1, choice(/\\u\{[0-9A-Fa-f]*\}/, /\\[^\n]/))),
  interpolation: ($) => seq(alias($._interpolation_open, "{"), $._expression, "}"),

  // `url"…"`
  tagged_text: ($) =>
    seq(
      field("tag", alias($.identifier, $.tag)),
      field("text", alias($._glued_text, $.text)),
    ),
  _glued_text: ($) =>
    choice(
      seq(token.immediate('"'), repeat($._text_part), token.immediate('"')),
      seq(token.immediate('"""'), repeat($._block_part), token.immediate('"""')),
    ),

  regex: ($) =>
    choice(
      seq('re"', optional(alias($._regex_chunk, $.regex_content)), token.immediate('"')),
      seq('re"""', optional(alias($._regex_block, $.regex_content)), token.immediate('"""')),
    ),
  _regex_chunk: (_) => token.immediate(prec(1, /[^"\n]+/)),
  _regex_block: (_) => token.immediate(prec(1, /([^"]|"[^"]|""[^"])+/)),

  number: (_) => /[0-9][0-9_]*(\.[0-9][0-9_]*)?/,
  duration: (_) => /[0-9][0-9_]*(\.[0-9][0-9_]*)?(ms|s|m|h|d|w)/,
  money: (_) => /[0-9][0-9_]*(\.[0-9][0-9_]*)? +[A-Z][A-Z][A-Z]/,

  boolean: (_) => choice("true", "false"),
  none: (_) => "none",
  anything: (_) => "_",
};
