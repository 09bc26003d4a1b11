package signing_test

import (
	"os"
	"testing"

	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(nil)
	os.Exit(m.Run())
}
