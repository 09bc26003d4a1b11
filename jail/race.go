//go:build race

package jail

import "os"

const raceEnabled = true

// program is what is started as a child. A child built with the race detector
// starts ten times slower and has no memory cap, so tests that start hundreds
// of them name the program without it. Only race builds, which nobody runs for
// real, have this way in.
func program() (string, error) {
	if p := os.Getenv("SOHOA_JAIL_CHILD"); p != "" {
		return p, nil
	}
	return os.Executable()
}
