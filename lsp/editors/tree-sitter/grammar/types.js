/** Types, and the parameters of what is declared. */

const { lines, list, list1, word } = require("./parts");

module.exports = {
  _type: ($) => choice($.named_type, $.optional_type, $.function_type),

  // Preferred to a name of a value where both may stand: `on event("sold", Sold)`.
  named_type: ($) => prec(1, seq($._type_path, optional($.type_arguments))),
  _type_path: ($) => seq(repeat(seq($.identifier, ".")), choice($.type_identifier, $.identifier)),
  type_arguments: ($) => seq("<", list1($._type), ">"),
  optional_type: ($) => seq($._type, "?"),
  function_type: ($) => prec.right(seq("fn", "(", optional(list1($._type)), ")", "->", $._type)),

  type_parameters: ($) => seq("<", list1(word($, "type_parameter")), ">"),

  parameters: ($) => seq("(", list($.parameter), ")"),
  parameter: ($) =>
    seq(
      field("name", $._word),
      ":",
      repeat(choice("secret", "trusted")),
      field("type", $._type),
      optional(seq("=", field("default", $._expression))),
    ),

  fields: ($) => seq("{", lines($, $.field), "}"),
  field: ($) =>
    seq(
      field("name", $._word),
      ":",
      field("type", $._type),
      optional(seq("from", field("key", $.text))),
      optional(seq("=", field("default", $._expression))),
    ),

  variant: ($) =>
    seq(field("name", word($, "tag_name")), optional(seq("(", list($.field), ")"))),
};
