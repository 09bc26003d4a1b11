// Package check has outside judges look at what ops says to compose and to
// Kubernetes: compose's own loader with its schema, and the types of the Kubernetes
// API, which know every field there is. It is a module of its own, so that none of
// them is among Sohoa's dependencies.
package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	yamlv3 "go.yaml.in/yaml/v3"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const root = "../.."

func TestCompose(t *testing.T) {
	secrets := filepath.Join(root, "ops/compose/secrets")
	if _, err := os.Stat(secrets); err != nil { // the loader wants the files that it is told of
		if err := os.MkdirAll(secrets, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(secrets) })
		for _, name := range []string{"s3.env", "aws.env"} {
			if err := os.WriteFile(filepath.Join(secrets, name), []byte("A=b\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"web", "worker", "sweeper"} {
		s, err := p.GetService(role)
		if err != nil {
			t.Fatal(err)
		}
		at := s.Environment["SOHOA_SHARED"]
		if !slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Source == "shared" && at != nil && v.Target == *at }) {
			t.Errorf("%s: has no part in what all roles share", role)
		}
		if !s.ReadOnly || len(s.CapDrop) == 0 || s.User != "10001:10001" || len(s.Command) != 3 || s.Command[2] != role {
			t.Errorf("%s: %+v", role, s)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" || port.Target == 9464 {
				t.Errorf("%s: open to others: %+v", role, port)
			}
		}
	}
}

// A role that stands alone says by itself which settings it cannot do without: each of
// the three ways of running several has them, under its name or as a file.
func TestSettingsOfRoles(t *testing.T) {
	cmd := exec.Command(filepath.Join(root, "bin/sohoa"), "serve", "--role", "web", "--data", t.TempDir())
	cmd.Env = []string{"PATH=/nowhere"}
	out, err := cmd.CombinedOutput()
	_, list, found := strings.Cut(string(out), "not set: ")
	list, _, _ = strings.Cut(list, ". ")
	if needs := strings.Split(list, ", "); err == nil || !found || len(needs) < 4 {
		t.Fatalf("%s (%v)", out, err)
	}
	for path, form := range map[string]string{"compose.yaml": `(?m)^ +%s(_FILE)?: `, "ops/kubernetes/sohoa.yaml": `(?m)^ +(- \{ name: )?%s(_FILE)?[:,] `, "ops/systemd/sohoa.env": `(?m)^#?%s(_FILE)?=`} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Split(list, ", ") {
			if !regexp.MustCompile(fmt.Sprintf(form, name)).Match(text) {
				t.Errorf("%s has no %s: its roles do not start", path, name)
			}
		}
	}
}

func TestKubernetes(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "ops/kubernetes/sohoa.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]bool{}
	docs := yamlv3.NewDecoder(bytes.NewReader(b))
	n := 0
	for {
		var object map[string]any
		if err := docs.Decode(&object); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		n++
		one, err := yamlv3.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := object["apiVersion"].(string)
		kind += " " + object["kind"].(string)
		into := map[string]any{"v1 ServiceAccount": &core.ServiceAccount{}, "v1 ConfigMap": &core.ConfigMap{}, "v1 PersistentVolumeClaim": &core.PersistentVolumeClaim{}, "v1 Service": &core.Service{}, "apps/v1 Deployment": &apps.Deployment{}, "apps/v1 StatefulSet": &apps.StatefulSet{},
			"autoscaling/v2 HorizontalPodAutoscaler": &autoscaling.HorizontalPodAutoscaler{}, "policy/v1 PodDisruptionBudget": &policy.PodDisruptionBudget{}, "networking.k8s.io/v1 NetworkPolicy": &networking.NetworkPolicy{}}[kind]
		if into == nil {
			t.Errorf("nobody knows a %s", kind)
			continue
		}
		if err := yaml.UnmarshalStrict(one, into); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		switch x := into.(type) {
		case *apps.Deployment:
			pod(t, x.Name, x.Spec.Template, x.Spec.Selector.MatchLabels, roles)
		case *apps.StatefulSet:
			pod(t, x.Name, x.Spec.Template, x.Spec.Selector.MatchLabels, roles)
		}
	}
	if n < 8 || !roles["web"] || !roles["worker"] || !roles["sweeper"] {
		t.Errorf("%d objects, roles %v", n, roles)
	}
}

// pod wants a pod that has no rights and says how it is.
func pod(t *testing.T, name string, p core.PodTemplateSpec, selects map[string]string, roles map[string]bool) {
	for k, v := range selects {
		if p.Labels[k] != v {
			t.Errorf("%s: selects %s=%s, which its pods have not", name, k, v)
		}
	}
	c := p.Spec.Containers[0]
	roles[strings.TrimPrefix(name, "sohoa-")] = len(c.Args) == 3 && "sohoa-"+c.Args[2] == name
	s, ps := c.SecurityContext, p.Spec.SecurityContext
	if s == nil || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || len(s.Capabilities.Drop) != 1 || !*ps.RunAsNonRoot {
		t.Errorf("%s: has rights", name)
	}
	// A group that may write makes a key of the ledger that is refused.
	if ps.FSGroup != nil && (ps.FSGroupChangePolicy == nil || *ps.FSGroupChangePolicy != core.FSGroupChangeOnRootMismatch) {
		t.Errorf("%s: each start opens what is shared to its group", name)
	}
	if c.LivenessProbe == nil || c.ReadinessProbe == nil || c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.Resources.Limits.Memory().IsZero() {
		t.Errorf("%s: does not say how it is, or has no end", name)
	}
	mounts := map[string]bool{}
	for _, v := range p.Spec.Volumes {
		mounts[v.Name] = true
	}
	for _, m := range c.VolumeMounts {
		if !mounts[m.Name] {
			t.Errorf("%s: mounts %s, which is nowhere", name, m.Name)
		}
	}
}
