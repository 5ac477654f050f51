/** What only the standard library declares. */

const { list1 } = require("./parts");

const name = ($) => field("name", $._word);
const type = ($) => field("type", $._type);
const version = ($) => seq("@", field("version", $.number));

module.exports = {
  effect: ($) =>
    seq(
      "effect",
      name($),
      version($),
      optional($.type_parameters),
      optional($.effect_place),
      $.parameters,
      optional(seq("->", type($))),
      repeat(choice($.effect_place, $.needs, $.delivery, $.requires, $.engine)),
    ),
  effect_place: ($) => seq("on", choice(seq("connection", $._word), seq($._word, repeat(seq(".", $._word))))),
  needs: ($) => seq("needs", list1($._word)),
  delivery: ($) => seq("delivery", $.delivery_rule),
  requires: ($) =>
    seq("requires", choice(seq("parameter", $._word, "as", $.capability), list1($.capability))),
  engine: (_) => "engine",

  delivery_rule: ($) =>
    choice(seq("of", $._word), seq($._word, optional(seq("for", $._primary)), optional(seq("in", $._word)))),
  capability: ($) => prec.right(repeat1($._word)),

  trigger: ($) =>
    seq(
      "trigger",
      name($),
      optional($.parameters),
      optional(seq("on", $._word)),
      optional($.parameters),
      optional($.requires),
      optional($.fields),
    ),

  channel_kind: ($) =>
    seq(
      "channel",
      "kind",
      name($),
      "{",
      optional(seq($._kind_line, repeat(seq($._newline, $._kind_line)))),
      "}",
    ),
  _kind_line: ($) => choice($.can, $.cannot, $.kind_delivery, $.max, $.rate, $.redelivers),
  can: ($) => seq("can", list1($.capability)),
  cannot: ($) => seq("cannot", list1($.capability)),
  kind_delivery: ($) => seq("delivery", list1($.delivery_rule)),
  max: ($) => seq("max", $._word, $._primary),
  rate: ($) => seq("limit", $._primary, "per", $._primary, "by", $._word),
  redelivers: ($) => seq("redelivers", "within", $._primary),

  tag_declaration: ($) =>
    seq(
      "tag",
      name($),
      optional(seq("(", $._word, ")")),
      "->",
      type($),
      optional("raw"),
      optional(seq("by", $._word)),
    ),

  extern_function: ($) =>
    seq("extern", "fn", name($), version($), optional($.type_parameters), $.parameters, "->", type($)),
};
