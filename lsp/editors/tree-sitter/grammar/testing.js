/** The statements of tests. */

const { keyword, lines } = require("./parts");

module.exports = {
  _test_statement: ($) =>
    choice($.given, $.when, $.expect, $.advance, $.crash, $.crash_after, $.channel_statement),

  given: ($) =>
    seq(
      keyword($, "given"),
      field("what", $._primary),
      choice($._given_script, $.given_says, seq($.given_link, repeat(seq("then", choice($.given_link, $.given_bare))))),
    ),
  _given_script: ($) =>
    seq($.given_calls, repeat(choice(seq(",", $._primary), seq("then", $.given_calls))), optional(seq("then", $.given_says))),
  given_calls: ($) => seq("calls", $._primary),
  given_says: ($) => seq("says", $._expression),
  given_link: ($) => repeat1($._outcome),
  given_bare: ($) => seq($._expression, repeat($._outcome)),
  _outcome: ($) => choice($.gives, $.fails, $.takes, $.costs, $.unknown),
  gives: ($) => seq("=", $._expression),
  fails: ($) => seq("fails", $._expression, optional(field("kind", $.identifier))),
  takes: ($) => seq("takes", $._expression),
  costs: ($) => seq("costs", $._expression),
  unknown: (_) => "unknown",

  when: ($) => seq(keyword($, "when"), $._primary),
  advance: ($) => seq(keyword($, "advance"), $._expression),
  crash: ($) => keyword($, "crash"),
  crash_after: ($) => seq(keyword($, "crash"), "after", "each", "await"),
  channel_statement: ($) =>
    seq(keyword($, "channel"), field("name", $._word), choice("up", "down")),

  expect: ($) => seq(keyword($, "expect"), $._expectation),
  _expectation: ($) => choice($.in_order, $.nothing_else, seq($._expression, optional($.times))),
  // Any operand may say how often; that a number or a name does keeps the parser a quarter smaller.
  times: ($) => seq(choice($.number, $.identifier), "times"),
  nothing_else: ($) => seq(optional("not"), keyword($, "nothing"), "else"),
  in_order: ($) => seq(optional("not"), "in", "order", "{", lines($, seq(optional(keyword($, "expect")), $._expectation)), "}"),
};
