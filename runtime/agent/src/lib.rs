//! Asks models: one request at a time, whoever provides them.
