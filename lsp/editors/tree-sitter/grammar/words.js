/** Names, labels and comments. */

module.exports = {
  identifier: (_) => /[a-z_][A-Za-z0-9_]*/,
  type_identifier: (_) => /[A-Z][A-Za-z0-9_]*/,

  _name: ($) => choice($.identifier, $.type_identifier),

  // Where no keyword can stand, every word is an identifier to the lexer.
  _word: ($) => choice($.identifier, $.type_identifier),

  // Of equal length only where they begin alike: `//`, `// x`, `//// x` against `///`, `/// x`.
  comment: (_) => token(choice(/\/\/([^\/\n][^\n]*)?/, /\/\/\/\/[^\n]*/)),
  doc_comment: (_) => token(/\/\/\/([^\/\n][^\n]*)?/),
};
