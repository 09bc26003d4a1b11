package signing_test

import (
	"os"
	"testing"

	"sohoa/jail"
	"sohoa/signing/verify"
)

func TestMain(m *testing.M) {
	// Under the race detector children are the program built without it.
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD"))
	jail.Main(map[string]jail.Child{"verify": verify.Child})
	os.Exit(m.Run())
}
