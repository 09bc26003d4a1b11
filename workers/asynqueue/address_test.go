package asynqueue

import (
	"strings"
	"testing"

	"github.com/hibiken/asynq"
)

func TestAddresses(t *testing.T) {
	for _, ok := range []string{"redis://h:1/2", "rediss://:p@h:1", "valkey://h:1", "redis-sentinel://:p@a:1,b:2?master=m", "valkey-sentinel://a:1?master=m", "redis-socket:///run/r.sock"} {
		if _, err := connection(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	opt, err := connection("rediss-cluster://u:p@a:1,b:2")
	cluster, ok := opt.(asynq.RedisClusterClientOpt)
	if err != nil || !ok || len(cluster.Addrs) != 2 || cluster.Username != "u" || cluster.Password != "p" || cluster.TLSConfig == nil {
		t.Errorf("%+v, %v", opt, err)
	}
	for _, bad := range []string{"h:1", "http://h", "redis-cluster://", "redis-cluster://a", "redis-cluster://:geheim@a:1/3"} {
		if _, err := connection(bad); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
