// What needs to look further ahead than one token: the same decisions as in compiler/syntax/src/split (`shape.rs`: which
// line ends count; `items.rs`: where an item begins). The scanner keeps nothing: the parser asks for a line's end only
// where one can end something, which is inside of braces and outside of all other brackets.

#include "tree_sitter/parser.h"

#include <string.h>

// In the order of `externals` in `grammar.js`.
enum Token {
  NEWLINE,
  END,
  CALL_TYPES_OPEN,
  LABEL,
  ADVANCE,
  CHANNEL,
  CONTAINING,
  CRASH,
  EXPECT,
  GIVEN,
  MATCHING,
  NOTHING,
  REPEAT,
  SET,
  WHEN,
  INTERPOLATION_OPEN,
  RECOVERING,
};

// Longer than the longest word that is looked for.
#define WORD 16

static bool is_word(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r'; }

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

static void skip_blanks(TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) advance(lexer);
}

static void skip_line(TSLexer *lexer) {
  while (!lexer->eof(lexer) && lexer->lookahead != '\n') advance(lexer);
}

// Reads a word, cut to what fits; empty where none begins.
static void read_word(TSLexer *lexer, char word[WORD]) {
  size_t length = 0;
  while (is_word(lexer->lookahead)) {
    if (length + 1 < WORD) word[length++] = (char)lexer->lookahead;
    advance(lexer);
  }
  word[length] = '\0';
}

static bool is_one_of(const char *word, const char *const *list) {
  for (; *list; list++) {
    if (strcmp(word, *list) == 0) return true;
  }
  return false;
}

// Whether `=` alone, `.`, `?.` or one of `others` comes next.
static bool is_name_before(TSLexer *lexer, const char *others) {
  int32_t c = lexer->lookahead;
  if (c == '=') {
    advance(lexer);
    return lexer->lookahead != '=' && lexer->lookahead != '>';
  }
  if (c == '.') {
    advance(lexer);
    return lexer->lookahead != '.';
  }
  if (c == '?') {
    advance(lexer);
    return lexer->lookahead == '.';
  }
  return c != 0 && c < 128 && strchr(others, (char)c) != NULL;
}

static const char *const ITEMS[] = {
  "use", "channel", "room", "group", "connection", "setting", "type", "const", "fn", "state", "agent", "tool", "flow",
  "test", "effect", "trigger", "tag", "extern", NULL,
};

// Whether the line that begins with `word` begins an item.
static bool begins_item(TSLexer *lexer, const char *word) {
  if (!is_one_of(word, ITEMS)) return false;
  skip_blanks(lexer);
  return !is_name_before(lexer, "([:");
}

// The same inside of braces, which then were not closed: there what is behind the word must fit, too.
static bool begins_item_for_sure(TSLexer *lexer, const char *word) {
  static const char *const TYPED[] = { "channel", "room", "connection", "setting", "state", "const", NULL };
  static const char *const CALLED[] = { "fn", "tool", NULL };
  static const char *const FREE[] = { "use", "flow", "tag", "group", NULL };
  if (!is_one_of(word, ITEMS)) return false;
  skip_blanks(lexer);
  if (strcmp(word, "test") == 0) return lexer->lookahead == '"';
  bool upper = lexer->lookahead >= 'A' && lexer->lookahead <= 'Z';
  char next[WORD];
  read_word(lexer, next);
  if (next[0] == '\0') return false;
  skip_blanks(lexer);
  int32_t c = lexer->lookahead;
  if (strcmp(word, "type") == 0) return upper;
  if (strcmp(word, "channel") == 0 && strcmp(next, "kind") == 0) return true;
  if (is_one_of(word, TYPED)) return c == ':' || (c == '=' && strcmp(word, "const") == 0);
  if (is_one_of(word, CALLED)) return c == '(' || c == '<';
  if (is_one_of(word, FREE)) return c != '=' && c != '.';
  if (strcmp(word, "agent") == 0) return c == '{';
  if (strcmp(word, "effect") == 0) return c == '@';
  if (strcmp(word, "extern") == 0) return strcmp(next, "fn") == 0 || strcmp(next, "type") == 0;
  return c == '(' || c == '{' || c == 'o';
}

static const char *const SUFFIXES[] = { "retry", "within", "until", "as", NULL };

// Whether the line that begins with `word` goes on with what stands above.
static bool continues(TSLexer *lexer, const char *word) {
  skip_blanks(lexer);
  char next[WORD];
  if (strcmp(word, "else") == 0) {
    if (lexer->lookahead != '=') return true;
    advance(lexer);
    return lexer->lookahead == '=' || lexer->lookahead == '>';
  }
  if (strcmp(word, "at") == 0) {
    read_word(lexer, next);
    return strcmp(next, "most") == 0 || strcmp(next, "least") == 0;
  }
  if (strcmp(word, "on") == 0) {
    read_word(lexer, next);
    return strcmp(next, "unknown") == 0;
  }
  if (strcmp(word, "undo") == 0) return lexer->lookahead == '{';
  if (!is_one_of(word, SUFFIXES)) return false;
  if (lexer->eof(lexer) || lexer->lookahead == '\n') return false;
  if (lexer->lookahead == '=') {
    advance(lexer);
    return lexer->lookahead == '=';
  }
  return !is_name_before(lexer, "([:,");
}

// At the `<` behind a name: `<…>(` with nothing but types between.
static bool scan_call_types(TSLexer *lexer) {
  advance(lexer);
  lexer->mark_end(lexer);
  int depth = 1;
  while (depth > 0) {
    int32_t c = lexer->lookahead;
    if (c == '<') depth++;
    else if (c == '>') depth--;
    else if (!is_word(c) && !is_blank(c) && c != '.' && c != ',' && c != '?') return false;
    advance(lexer);
  }
  if (lexer->lookahead != '(') return false;
  lexer->result_symbol = CALL_TYPES_OPEN;
  return true;
}

// Deeper, braces in texts in braces are not looked into.
#define DEPTH 32

// At a `{` in a text: whether its `}` stands in the same line. Between them may stand texts with braces of their own.
static bool scan_interpolation(TSLexer *lexer) {
  enum { CODE, TEXT, RAW } stack[DEPTH] = { CODE };
  size_t depth = 1;
  char word[WORD];
  advance(lexer);
  lexer->mark_end(lexer);
  lexer->result_symbol = INTERPOLATION_OPEN;
  while (!lexer->eof(lexer) && lexer->lookahead != '\n' && depth < DEPTH) {
    int32_t c = lexer->lookahead;
    if (stack[depth - 1] == CODE) {
      read_word(lexer, word);
      c = lexer->lookahead;
      if (c == '"') stack[depth++] = strcmp(word, "re") == 0 ? RAW : TEXT;
      else if (c == '{') stack[depth++] = CODE;
      else if (c == '}' && --depth == 0) return true;
      else if (c == '\n') return false;
    } else if (c == '"') {
      depth--;
    } else if (c == '{' && stack[depth - 1] == TEXT) {
      stack[depth++] = CODE;
    } else if (c == '\\' && stack[depth - 1] == TEXT) {
      advance(lexer);
      if (lexer->lookahead == '\n') return false;
    }
    advance(lexer);
  }
  return false;
}

// Words that begin a statement, an expectation or an argument, and are names where anything but an operand is behind them.
static const struct {
  const char *word;
  enum Token token;
} SOFT[] = {
  { "advance", ADVANCE },   { "channel", CHANNEL }, { "containing", CONTAINING }, { "crash", CRASH },
  { "expect", EXPECT },     { "given", GIVEN },     { "matching", MATCHING },     { "nothing", NOTHING },
  { "repeat", REPEAT },     { "set", SET },         { "when", WHEN },
};

// Words that stand between two operands: what is before them is a name.
static const char *const INFIX[] = {
  "and", "or", "is", "contains", "starts", "ends", "matches", "between", "else", "as", NULL,
};

// Whether what comes next makes the soft word before it a keyword.
static bool is_keyword_here(TSLexer *lexer, enum Token token) {
  char next[WORD];
  int32_t c = lexer->lookahead;
  bool ends = lexer->eof(lexer) || c == '\n' || c == '}' || c == '/';
  if (token == CRASH && ends) return true;
  if (ends) return false;
  if (is_word(c)) {
    read_word(lexer, next);
    if (token == CRASH) return strcmp(next, "after") == 0;
    if (token == NOTHING) return strcmp(next, "else") == 0;
    // `expect in order`, `expect not x`; but `set in xs`, `set not in xs`.
    bool asks = token == EXPECT && (strcmp(next, "in") == 0 || strcmp(next, "not") == 0);
    bool infix = strcmp(next, "in") == 0 || is_one_of(next, INFIX);
    return asks || !infix;
  }
  if (token == CRASH || token == NOTHING || token == SET || token == CHANNEL) return false;
  if (c == '-') {
    advance(lexer);
    return lexer->lookahead != '>' && !is_blank(lexer->lookahead);
  }
  return c == '"' || c == '(' || c == '[';
}

// Where a label or a soft keyword may stand: a word, perhaps in another line.
static bool scan_word(TSLexer *lexer, const bool *valid) {
  bool first_column = false;
  while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') {
    first_column = lexer->lookahead == '\n';
    lexer->advance(lexer, true);
  }
  lexer->mark_end(lexer);
  int32_t first = lexer->lookahead;
  if (!is_word(first) || (first >= '0' && first <= '9')) return false;
  char word[WORD];
  read_word(lexer, word);
  if (first_column && is_one_of(word, ITEMS)) {
    lexer->result_symbol = END;
    return begins_item_for_sure(lexer, word);
  }
  lexer->mark_end(lexer);
  bool glued = lexer->lookahead == '"';
  skip_blanks(lexer);
  if (valid[LABEL] && lexer->lookahead == ':') {
    lexer->result_symbol = LABEL;
    return true;
  }
  for (size_t i = 0; i < sizeof SOFT / sizeof SOFT[0]; i++) {
    if (!valid[SOFT[i].token] || strcmp(word, SOFT[i].word) != 0) continue;
    lexer->result_symbol = SOFT[i].token;
    // Glued to its quote it is the tag of a text.
    return !glued && is_keyword_here(lexer, SOFT[i].token);
  }
  return false;
}

// In front of a word on the same line: a label begins another branch without a comma, too.
static bool scan_label_ahead(TSLexer *lexer) {
  char word[WORD];
  lexer->mark_end(lexer);
  read_word(lexer, word);
  skip_blanks(lexer);
  lexer->result_symbol = NEWLINE;
  return word[0] != '\0' && lexer->lookahead == ':';
}

static bool may_begin_word(const bool *valid) {
  for (int token = LABEL; token <= WHEN; token++) {
    if (valid[token]) return true;
  }
  return false;
}

static bool at_end_of_file(TSLexer *lexer, const bool *valid) {
  if (!valid[END] || valid[RECOVERING]) return false;
  lexer->result_symbol = END;
  return true;
}

// At the first character of a line that is neither blank nor a comment.
static bool judge_line(TSLexer *lexer, const bool *valid, bool first_column) {
  int32_t c = lexer->lookahead;
  char word[WORD];
  read_word(lexer, word);
  bool between_items = valid[END] && !valid[RECOVERING];
  if (is_one_of(word, ITEMS) && (between_items || first_column)) {
    // In the first column an item ends everything above it, also what is not closed; then the parser did not ask for this.
    lexer->result_symbol = END;
    if (between_items ? begins_item(lexer, word) : begins_item_for_sure(lexer, word)) return true;
    if (between_items) return false;
    // What is behind the word was read: it continues nothing.
    lexer->result_symbol = NEWLINE;
    return valid[NEWLINE];
  }
  if (!valid[NEWLINE] || c == '}' || c == '{') return false;
  if (c == '.' || c == '?') {
    advance(lexer);
    // `..` at the start of a line goes on with nothing.
    if (c == '.' ? lexer->lookahead != '.' : lexer->lookahead == '.') return false;
  } else if (word[0] != '\0' && continues(lexer, word)) {
    return false;
  }
  lexer->result_symbol = NEWLINE;
  return true;
}

static bool scan_line_end(TSLexer *lexer, const bool *valid) {
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  lexer->mark_end(lexer);
  if (lexer->eof(lexer)) return at_end_of_file(lexer, valid);
  if (lexer->lookahead == '\n') {
    advance(lexer);
    lexer->mark_end(lexer);
  } else if (lexer->lookahead == '/' && !valid[RECOVERING]) {
    // In front of a comment the token is empty. In a mistake that could go on for ever, so that there it waits.
    advance(lexer);
    if (lexer->lookahead != '/') return false;
    skip_line(lexer);
  } else {
    return false;
  }
  bool first_column = true;
  for (;;) {
    if (lexer->eof(lexer)) return at_end_of_file(lexer, valid);
    int32_t c = lexer->lookahead;
    if (c == '\n') {
      first_column = true;
      advance(lexer);
    } else if (is_blank(c)) {
      first_column = false;
      advance(lexer);
    } else if (c == '/') {
      advance(lexer);
      if (lexer->lookahead != '/') {
        // An operator begins the line; nothing goes on with one.
        if (!valid[NEWLINE]) return false;
        lexer->result_symbol = NEWLINE;
        return true;
      }
      skip_line(lexer);
    } else {
      return judge_line(lexer, valid, first_column);
    }
  }
}

void *tree_sitter_flow_external_scanner_create(void) { return NULL; }
void tree_sitter_flow_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_flow_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_flow_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_flow_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  if (valid[INTERPOLATION_OPEN] && !valid[RECOVERING]) return lexer->lookahead == '{' && scan_interpolation(lexer);
  if (valid[CALL_TYPES_OPEN] && !valid[RECOVERING] && lexer->lookahead == '<') return scan_call_types(lexer);
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  bool line_ends = lexer->eof(lexer) || lexer->lookahead == '\n' || lexer->lookahead == '/';
  if (!valid[NEWLINE] && !valid[END]) return may_begin_word(valid) ? scan_word(lexer, valid) : scan_line_end(lexer, valid);
  if (!line_ends) return valid[NEWLINE] && !valid[RECOVERING] && scan_label_ahead(lexer);
  return scan_line_end(lexer, valid);
}
