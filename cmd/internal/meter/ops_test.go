package meter

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"sohoa/dossier"
	"sohoa/dossier/fixity"
)

const ops = "../../../ops"

var figure = regexp.MustCompile(`\bsohoa_[a-z_]+\b`)

// read returns a file, of which the test cannot do without.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What the dashboard and the alerts ask for is there, and all that is there is
// shown; each alert has its way out in the runbook, and each way out its alert.
func TestDashboardAndAlerts(t *testing.T) {
	names := Names()
	rules, board := read(t, filepath.Join(ops, "prometheus/alerts.yaml")), read(t, filepath.Join(ops, "grafana/sohoa.json"))
	if !json.Valid([]byte(board)) {
		t.Error("the dashboard is no JSON")
	}
	for what, text := range map[string]string{"alerts": rules, "dashboard": board} {
		asked := figure.FindAllString(text, -1)
		if len(asked) < 15 {
			t.Errorf("%s: only %d figures", what, len(asked))
		}
		for _, name := range asked {
			if !slices.Contains(names, name) {
				t.Errorf("%s: nobody counts %s", what, name)
			}
		}
	}
	for _, name := range names {
		whole := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if !strings.Contains(board, whole) {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
	runbook := read(t, "../../../docs/operations.md")
	var alerts []string
	for _, m := range regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(rules, -1) {
		alerts = append(alerts, m[1])
		if !strings.Contains(runbook, "\n### "+m[1]+"\n") {
			t.Errorf("no way out of %s in docs/operations.md", m[1])
		}
		if link := "docs/operations.md#" + strings.ToLower(m[1]); !strings.Contains(rules, "'"+link+"'") {
			t.Errorf("%s does not point to its way out, %s", m[1], link)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^### (Sohoa\w+)$`).FindAllStringSubmatch(runbook, -1) {
		if !slices.Contains(alerts, m[1]) {
			t.Errorf("docs/operations.md tells the way out of %s, which no rule calls", m[1])
		}
	}
	if len(alerts) < 10 {
		t.Errorf("only %d alerts", len(alerts))
	}
}

// Prometheus's own tool reads the rules and has them fire.
func TestAlertsFire(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool: Debian's package prometheus has it (make ops installs it)")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}, {"check", "config", "--syntax-only", "prometheus.yaml"}} {
		cmd := exec.Command(tool, args...)
		cmd.Dir = filepath.Join(ops, "prometheus")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

// What is registered is what [Names] says, without a house.
func TestNames(t *testing.T) {
	m := New("v1")
	m.Moved(dossier.Seal, dossier.Machine, Done)
	m.Staged(dossier.Seal, Done, 1)
	m.Crashed(dossier.Seal)
	m.Answered("", 404, 1)
	m.Stored(fixity.Main, "put", "ok", 1)
	m.Passed(fixity.Main, "put", 1)
	m.Traced(1, nil)
	got, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range got {
		if !strings.HasPrefix(f.GetName(), "sohoa_") {
			continue
		}
		n++
		if names := Names(); !slices.Contains(names, f.GetName()) && !slices.Contains(names, f.GetName()+"_bucket") {
			t.Errorf("%s is not named", f.GetName())
		}
	}
	if n < 10 {
		t.Errorf("%d figures", n)
	}
	if err := m.registry.Register(prometheus.NewGauge(prometheus.GaugeOpts{Name: "sohoa_build_info"})); err == nil {
		t.Error("a figure can be registered twice")
	}
}
