/** Items, and the header clauses of flows. */

const { label, lines, list, list1, word } = require("./parts");

const name = ($) => field("name", $._word);
const type = ($) => field("type", $._type);
const body = ($) => field("body", $.block);
const bound = (keyword) => ($) =>
  seq(keyword, name($), ":", field("kind", $._word));

module.exports = {
  _item: ($) =>
    choice(
      $.use, $.channel, $.room, $.group, $.connection, $.setting, $.const, $.type_declaration, $.function, $.state,
      $.agent, $.tool, $.flow, $.test,
      $.effect, $.trigger, $.channel_kind, $.tag_declaration, $.extern_function,
    ),

  use: ($) => seq("use", field("path", $.module_path), optional(seq("as", name($)))),
  module_path: ($) => seq($._word, repeat(seq("/", $._word))),

  channel: ($) =>
    seq(
      "channel",
      field("name", choice($._word, alias("kind", $.identifier))),
      ":",
      field("kind", $._word),
    ),
  room: bound("room"),
  connection: bound("connection"),
  group: ($) => seq("group", name($)),

  setting: ($) => seq("setting", name($), ":", type($), optional(seq("=", field("default", $._expression)))),
  const: ($) => seq("const", name($), optional(seq(":", type($))), "=", field("value", $._expression)),

  type_declaration: ($) =>
    seq(
      optional("extern"),
      "type",
      field("name", $._word),
      optional($.type_parameters),
      optional(choice($.fields, seq("=", optional("|"), $.variant, repeat(seq("|", $.variant))))),
    ),

  function: ($) =>
    seq(
      "fn",
      name($),
      optional($.type_parameters),
      $.parameters,
      optional(seq("->", type($))),
      choice(seq("=", field("value", $._expression)), body($)),
    ),

  state: ($) =>
    seq(
      "state",
      name($),
      ":",
      type($),
      "=",
      field("value", $._expression),
      optional($.state_key),
      optional($.state_keep),
      repeat($.migrate),
    ),
  state_key: ($) => seq("by", choice(list1($._primary), $._key_type)),
  _key_type: ($) => choice($.named_type, alias($._optional_key_type, $.optional_type)),
  _optional_key_type: ($) => seq($.named_type, repeat1("?")),
  state_keep: ($) => seq("keep", $._primary),
  migrate: ($) => seq("migrate", name($), ":", type($), "=>", field("value", $._expression)),

  agent: ($) =>
    seq("agent", name($), "{", lines($, choice($.property, $.approve_property, $.budget_property)), "}"),
  property: ($) => seq(field("name", $._word), ":", field("value", $._expression)),
  approve_property: ($) => seq("approve", ":", "{", lines($, $.approval), "}"),
  approval: ($) => seq($._path, ":", $._expression),
  // Further keys of `by` and further budgets both stand behind commas.
  budget_property: ($) =>
    seq("budget", ":", $.budget, repeat(seq(",", choice($.budget, $._primary)))),
  budget: ($) =>
    seq(
      $._primary,
      optional(word($, "unit")),
      "per",
      $._primary,
      optional(seq("by", $._primary)),
    ),

  tool: ($) =>
    seq(
      "tool",
      name($),
      $.parameters,
      optional(seq("->", type($))),
      optional($.timeout_clause),
      body($),
      repeat($._ending),
    ),

  flow: ($) =>
    seq(
      "flow",
      name($),
      optional(seq($.parameters, optional(seq("->", type($))))),
      repeat($._clause),
      body($),
      repeat($._ending),
    ),
  _ending: ($) => choice($.on_failure, $.on_cancel),
  on_failure: ($) =>
    seq("on", "failure", optional(field("error", $._word)), body($)),
  on_cancel: ($) => seq("on", "cancel", body($)),

  test: ($) => seq("test", field("title", $.text), body($)),

  // --- header clauses ---

  _clause: ($) =>
    choice(
      $.on_clause, $.where_clause, $.limit_clause, $.debounce_clause, $.dedupe_clause, $.serial_clause,
      $.timeout_clause, $.priority_clause, $.cancellable_clause, $.mark_clause,
    ),
  on_clause: ($) => seq("on", list1($.trigger_reference)),
  where_clause: ($) => seq("where", $._expression),
  limit_clause: ($) =>
    seq("limit", $._primary, optional(seq("per", $._primary)), $._keys, optional(seq("else", $.block))),
  debounce_clause: ($) => seq("debounce", $._primary, $._keys),
  dedupe_clause: ($) => seq("dedupe", $._primary, "for", $._primary),
  serial_clause: ($) =>
    seq(
      "serial",
      optional(field("lane", $._word)),
      $._keys,
      optional(seq("or", choice("drop", "replace"))),
    ),
  timeout_clause: ($) => seq("timeout", $._expression),
  priority_clause: ($) => seq("priority", $._expression),
  cancellable_clause: ($) => seq("cancellable", $._keys),
  mark_clause: (_) => choice("exclusive", "observes", "filter"),
  _keys: ($) => seq("by", list1($._primary)),

  trigger_reference: ($) =>
    prec.right(seq(field("trigger", $._path), optional(alias($._trigger_arguments, $.arguments)))),
  _path: ($) => prec.right(seq($._name, repeat(seq(".", $._word)))),
  _trigger_arguments: ($) => seq("(", list(alias($._trigger_argument, $.argument)), ")"),
  _trigger_argument: ($) =>
    seq(
      optional(label($)),
      field("value", choice($._expression, $._key_type)),
    ),
};
