package child

import (
	"os"
	"testing"

	"sohoa/jail"
	"sohoa/scan"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{Name: Child})
	os.Exit(m.Run())
}

func TestTry(t *testing.T) {
	p, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	f := os.Getenv("IMG")
	b, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Read(t.Context(), scan.Page{Encoding: scan.JPEG, DPIX: 300, DPIY: 300, Data: b})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(got.Text())
	got.Lines = got.Lines[:1]
	t.Logf("%+v", got)
}
