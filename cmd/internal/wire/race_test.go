//go:build race

package wire

// raced: SQLite, translated into Go, is ten times as slow under the race detector.
const raced = true
