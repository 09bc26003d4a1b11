//go:build race

package taster

const raceEnabled = true
