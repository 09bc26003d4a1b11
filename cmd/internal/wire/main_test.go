package wire

import (
	"os"
	"testing"

	"sohoa/jail"
)

func TestMain(m *testing.M) {
	// Under the race detector children are the program built without it.
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD"))
	jail.Main(Children())
	os.Exit(m.Run())
}
