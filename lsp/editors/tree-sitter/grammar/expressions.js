/** Expressions, and their suffixes. */

const { keyword, label, lines, list, list1, word } = require("./parts");

const name = ($) => field("name", $._word);
const body = ($) => field("body", $.block);

// From loosest to tightest; a suffix goes on the operand alone.
const PREC = {
  or: 1, and: 2, not: 3, compare: 4, range: 5, add: 6, multiply: 7, coalesce: 8, negative: 9, postfix: 10,
};

const COMPARISONS = [
  "==", "!=", "<", "<=", ">", ">=", "contains", "in",
  seq("starts", "with"), seq("ends", "with"), seq("not", "in"),
];

const binary = (operand, level, operators, ...behind) =>
  prec.left(
    PREC[level],
    seq(
      field("left", operand),
      field("operator", operators.length > 1 ? choice(...operators) : operators[0]),
      field("right", operand),
      ...behind,
    ),
  );

module.exports = {
  _expression: ($) =>
    choice(
      $._primary, $.suffixed_expression,
      $.binary_expression, $.unary_expression, $.comparison, $.between_expression, $.is_expression,
      $.matches_expression,
    ),

  binary_expression: ($) =>
    choice(
      binary($._expression, "or", ["or"]),
      binary($._expression, "and", ["and"]),
      binary($._expression, "range", [".."]),
      binary($._expression, "add", ["+", "-"]),
      binary($._expression, "multiply", ["*", "/", "%"]),
      binary($._expression, "coalesce", ["??"]),
    ),
  unary_expression: ($) =>
    choice(prec(PREC.not, seq("not", $._expression)), prec(PREC.negative, seq("-", $._expression))),

  comparison: ($) => binary($._expression, "compare", COMPARISONS, optional($.ignoring_case)),
  between_expression: ($) =>
    prec.left(PREC.compare, seq($._expression, "between", $._expression, "and", $._expression)),
  is_expression: ($) =>
    prec.left(
      PREC.compare,
      seq($._expression, "is", choice(seq("not", "empty"), "empty", "none", "some", $._tag_path)),
    ),
  matches_expression: ($) =>
    prec.left(
      PREC.compare,
      seq($._expression, "matches", $._primary, optional($.ignoring_case), optional(seq("as", name($)))),
    ),
  ignoring_case: (_) => seq("ignoring", "case"),
  _tag_path: ($) => prec.right(-1, seq(repeat(seq($._word, ".")), word($, "tag_name"))),

  // --- suffixes ---

  // Below everything: a condition behind `await … where` leaves the suffixes to its `await`.
  suffixed_expression: ($) => prec(-1, seq($._suffixable, repeat1($._suffix))),
  _suffix: ($) =>
    choice($.retry, $.within, $.until, $.undo, $.delivery_choice, $.on_unknown, $.else_suffix, $.as_suffix),
  retry: ($) => prec.right(seq("retry", $._primary, optional(seq("backoff", $._primary, "..", $._primary)))),
  within: ($) => seq("within", $._arithmetic),
  until: ($) => seq("until", $._arithmetic),
  undo: ($) => seq("undo", $.block),
  delivery_choice: (_) => seq("at", choice("most", "least"), "once"),
  on_unknown: ($) => seq("on", "unknown", $.block),
  else_suffix: ($) =>
    prec(
      1,
      seq(
        "else",
        choice($.block, seq(field("error", $.identifier), $.block), $._primary, alias($._negative_value, $.unary_expression)),
      ),
    ),
  _negative_value: ($) => seq("-", $._primary),
  as_suffix: ($) => seq("as", name($)),

  _arithmetic: ($) =>
    choice($._primary, alias($._negative_value, $.unary_expression), alias($._sum, $.binary_expression)),
  _sum: ($) =>
    choice(
      binary($._arithmetic, "add", ["+", "-"]),
      binary($._arithmetic, "multiply", ["*", "/", "%"]),
    ),

  // --- operands ---

  _primary: ($) => choice($._suffixable, $.if_expression, $.match_expression, $.for_expression),
  _suffixable: ($) =>
    choice(
      $._name, $.regex, $.tagged_text, $.text, $.number, $.duration, $.money, $.boolean, $.none, $.anything,
      $.parenthesized_expression, $.list, $.parallel_expression, $.race_expression, $.do_expression,
      $.await_expression, $.start_expression,
      $.call_expression, $.field_expression, alias($._upper_field, $.field_expression), $.index_expression, $.record,
    ),

  parenthesized_expression: ($) => seq("(", $._expression, ")"),
  // A list and a map; `[:]` is the empty map.
  list: ($) => seq("[", choice(":", list($._entry)), "]"),
  _entry: ($) => choice($._expression, $.entry),
  entry: ($) => seq(field("key", $._expression), ":", field("value", $._expression)),

  call_expression: ($) =>
    prec(
      PREC.postfix,
      seq(
        field("function", $._primary),
        optional(field("type_arguments", alias($._call_types, $.type_arguments))),
        field("arguments", $.arguments),
      ),
    ),
  _call_types: ($) => seq(alias($._call_types_open, "<"), list1($._type), ">"),
  arguments: ($) => seq("(", list($.argument), ")"),
  argument: ($) =>
    seq(
      optional(label($)),
      field("value", choice($._expression, $.lambda, $.containing, $.matching)),
    ),
  containing: ($) => seq(keyword($, "containing"), $._expression),
  matching: ($) => seq(keyword($, "matching"), $._expression),
  lambda: ($) =>
    seq(field("parameters", choice($._name, $.lambda_parameters)), "=>", field("body", choice($.block, $._expression))),
  lambda_parameters: ($) => seq("(", optional(list1($._name)), ")"),

  field_expression: ($) =>
    prec(
      PREC.postfix,
      seq(field("value", $._primary), choice(".", "?."), field("field", $.identifier)),
    ),
  // Apart from the other, because a brace behind it opens a record.
  _upper_field: ($) =>
    prec(
      PREC.postfix,
      seq(field("value", $._primary), choice(".", "?."), field("field", $.type_identifier)),
    ),
  index_expression: ($) => prec(PREC.postfix, seq(field("value", $._primary), "[", field("index", $._expression), "]")),

  // Below a block: in the head of `if`, `match` and others a brace opens their block.
  record: ($) =>
    prec(
      -1,
      seq(
        field("type", choice($.type_identifier, alias($._upper_field, $.field_expression))),
        "{",
        lines($, $.field_value),
        "}",
      ),
    ),
  // `Order { thing: "figs", count }`
  field_value: ($) =>
    choice(seq(label($), field("value", $._expression)), field("name", $._word)),

  if_expression: ($) =>
    prec.right(
      seq(
        "if",
        field("condition", $._expression),
        field("then", $.block),
        optional(seq("else", field("else", choice($.if_expression, $.block)))),
      ),
    ),
  for_expression: ($) =>
    seq(
      "for",
      name($),
      "in",
      field("over", $._expression),
      optional(seq("parallel", optional(field("at_once", $._primary)))),
      body($),
    ),
  parallel_expression: ($) => seq("parallel", $._branches),
  race_expression: ($) => seq("race", $._branches),
  _branches: ($) => seq("{", lines($, $.branch), "}"),
  branch: ($) => seq(optional(label($)), choice($.block, $._expression)),
  do_expression: ($) => seq("do", body($)),

  await_expression: ($) =>
    prec.right(
      seq("await", $.trigger_reference, optional($.await_from), optional($.await_in), optional($.await_where)),
    ),
  await_from: ($) => seq("from", $._primary),
  await_in: ($) => seq("in", $._primary),
  await_where: ($) => seq("where", $._expression),
  start_expression: ($) => prec.right(seq("start", $._primary)),
};
