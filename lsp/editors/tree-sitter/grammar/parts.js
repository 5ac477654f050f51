/** One and more, with commas between them. */
exports.list1 = (rule) => seq(rule, repeat(seq(",", rule)));

/** None and more, with commas between them and perhaps behind the last. */
exports.list = (rule) => optional(seq(exports.list1(rule), optional(",")));

/** None and more, each on a line of its own or with commas between them. */
exports.lines = ($, rule) =>
  optional(seq(rule, repeat(seq(choice(",", $._newline), rule)), optional(",")));

/** A keyword that the scanner tells from a name. */
exports.keyword = ($, word) => alias($[`_${word}`], word);

/** `name:`, in front of an argument, a field, a branch. */
exports.label = ($) => seq(field("name", alias($._label, $.identifier)), ":");

/** A word, called `kind` in the tree. */
exports.word = ($, kind) => choice(alias($.identifier, $[kind]), alias($.type_identifier, $[kind]));
