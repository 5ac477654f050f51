/**
 * The grammar of `.flow` files for editors: it is asked for colours, folds and indentation while somebody types. What the
 * language is, `compiler/syntax/src/grammar.pest` says; a test holds that both read the same files.
 *
 * What needs to look further ahead than a token is decided by the scanner (`src/scanner.c`), much of it as the compiler
 * decides it before its grammar: where a line's end ends a statement, where an item ends, which `<` opens type arguments, which
 * words are labels.
 *
 * Few words are never names. Where a word is a keyword only in its place, tree-sitter asks for it only there; where a name could
 * stand in that place, too, the scanner looks at what is behind it.
 */

const expressions = require("./grammar/expressions");
const items = require("./grammar/items");
const library = require("./grammar/library");
const statements = require("./grammar/statements");
const testing = require("./grammar/testing");
const texts = require("./grammar/texts");
const types = require("./grammar/types");
const words = require("./grammar/words");

module.exports = grammar({
  name: "flow",

  externals: ($) => [
    // The end of a line that ends a statement, a field, an arm.
    $._newline,
    // The end of an item: the next line begins another one, or there is none.
    $._end,
    // A `<` behind a name whose `>` is followed by `(`.
    $._call_types_open,
    // Any word with a `:` behind it: fields and arguments may have any word as their name.
    $._label,
    // Words that begin a statement, an expectation or an argument, and are names everywhere else.
    $._advance, $._channel, $._containing, $._crash, $._expect, $._given, $._matching, $._nothing, $._repeat, $._set, $._when,
    // A `{` in a text whose `}` stands in the same line. One that is not closed, as while it is typed, is text.
    $._interpolation_open,
    // Never asked for by the grammar: valid only while the parser looks for a way out of a mistake.
    $._recovering,
  ],

  extras: ($) => [/\s/, $.comment, $.doc_comment],

  word: ($) => $.identifier,

  conflicts: ($) => [
    // `(x) => …` and `(x)`.
    [$.lambda_parameters, $._suffixable],
    // `List<Text>` and `a < b` in the arguments of a trigger; `http.Response` and `message.text`.
    [$._name, $._type_path],
    // `budget: 1 USD per 1d, model: "…"` and `budget: 1 USD per 1d by sender, conversation`.
    [$.budget_property],
  ],

  rules: {
    source_file: ($) => repeat(seq($._item, $._end)),

    ...items,
    ...library,
    ...types,
    ...statements,
    ...testing,
    ...expressions,
    ...texts,
    ...words,
  },
});
