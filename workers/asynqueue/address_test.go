package asynqueue

import (
	"strings"
	"testing"

	"github.com/hibiken/asynq"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"redis://h":                          "one h:6379 0",
		"redis://u:p@h:1/3":                  "one h:1 3",
		"rediss://h:1":                       "one h:1 0 tls h",
		"redis://[::1]:7/1":                  "one [::1]:7 1",
		"redis-sentinel://a,b:2/4?master=m":  "sentinel m a:26379,b:2 4",
		"redis-cluster://a:1,b:2":            "cluster a:1,b:2",
		"valkey://h:1/2":                     "one h:1 2",
		"valkey-cluster://a:1":               "cluster a:1",
		"redis-clusters://a:1":               "cluster a:1 tls",
		"redis-sentinel://a":                 "",
		"redis-cluster://a/1":                "",
		"redis://a,b":                        "",
		"redis://":                           "",
		"redis://h/x":                        "",
		"http://h":                           "",
		"nonsense":                           "",
		"redis://:hunter2@h:port-of-nothing": "",
	} {
		opt, err := connection(address)
		got := ""
		switch o := opt.(type) {
		case asynq.RedisClientOpt:
			got = strings.TrimSpace("one " + o.Addr + " " + string(rune('0'+o.DB)))
			if o.TLSConfig != nil {
				got += " tls " + o.TLSConfig.ServerName
			}
		case asynq.RedisFailoverClientOpt:
			got = "sentinel " + o.MasterName + " " + strings.Join(o.SentinelAddrs, ",") + " " + string(rune('0'+o.DB))
		case asynq.RedisClusterClientOpt:
			got = "cluster " + strings.Join(o.Addrs, ",")
			if o.TLSConfig != nil {
				got += " tls"
			}
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the password is shown", address)
		}
	}
}
