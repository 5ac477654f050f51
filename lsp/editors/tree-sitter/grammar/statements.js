/** Statements, and patterns. */

const { keyword, label, lines, list, word } = require("./parts");

const name = ($) => field("name", $._word);
const value = ($) => field("value", $._expression);
const body = ($) => field("body", $.block);

module.exports = {
  block: ($) =>
    seq("{", optional(seq($._statement, repeat(seq($._newline, $._statement)))), "}"),

  _statement: ($) =>
    choice(
      $.let_statement, $.var_statement, $.assignment, $.set_statement, $.while_statement, $.repeat_statement,
      $.break_statement, $.continue_statement, $.return_statement, $.listen_statement,
      $._test_statement,
      $._expression,
    ),

  let_statement: ($) => seq("let", name($), optional(seq(":", field("type", $._type))), "=", value($)),
  var_statement: ($) => seq("var", name($), optional(seq(":", field("type", $._type))), "=", value($)),
  assignment: ($) => seq(field("name", $._name), "=", value($)),
  set_statement: ($) =>
    seq(
      keyword($, "set"),
      field("state", $._word),
      repeat(seq(".", $._word)),
      optional(seq("[", field("key", $._expression), "]")),
      "=",
      value($),
    ),
  while_statement: ($) => seq("while", field("condition", $._expression), body($)),
  repeat_statement: ($) => seq(keyword($, "repeat"), field("times", $._expression), body($)),
  break_statement: (_) => "break",
  continue_statement: (_) => "continue",
  return_statement: ($) => seq("return", optional(value($))),
  listen_statement: ($) =>
    seq("listen", $.trigger_reference, optional($.await_from), optional($.await_in), optional($.await_where),
      "as", name($), body($)),

  // --- patterns ---

  _pattern: ($) =>
    choice($.or_pattern, $.let_pattern, $.none, $.range_pattern, $._literal_pattern, $.anything, $.tag_pattern),
  or_pattern: ($) => prec.left(seq($._pattern, "|", $._pattern)),
  let_pattern: ($) => seq("let", name($)),
  range_pattern: ($) => seq($._literal_pattern, "..", $._literal_pattern),
  _literal_pattern: ($) =>
    choice($.number, $.duration, $.money, alias($._negative, $.unary_expression), $.text, $.boolean),
  _negative: ($) => seq("-", choice($.number, $.duration, $.money)),
  tag_pattern: ($) =>
    seq(
      repeat(seq($._word, ".")),
      field("tag", word($, "tag_name")),
      optional(seq("(", list($.pattern_field), ")")),
    ),
  pattern_field: ($) => seq(optional(label($)), $._pattern),

  match_expression: ($) => seq("match", field("value", $._expression), "{", lines($, $.arm), "}"),
  arm: ($) =>
    seq(
      $._pattern,
      optional(seq("if", field("guard", $._expression))),
      "=>",
      choice(
        $.block, $.return_statement, $.break_statement, $.continue_statement, $.set_statement, $.assignment,
        $._expression,
      ),
    ),
};
