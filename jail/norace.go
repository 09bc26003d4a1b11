//go:build !race

package jail

import "os"

const raceEnabled = false

// program is what is started as a child: this very program.
func program() (string, error) { return os.Executable() }
