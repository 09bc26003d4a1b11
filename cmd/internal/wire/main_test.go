package wire

import (
	"os"
	"testing"

	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(Children())
	os.Exit(m.Run())
}
