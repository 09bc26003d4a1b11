//go:build !race

package taster

const raceEnabled = false
