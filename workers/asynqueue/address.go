package asynqueue

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hibiken/asynq"
)

// Address says how a queue may be named: one server, a socket, Sentinels that
// know the server, or a Cluster; with -s at the end of the first word over TLS.
// Valkey is named as Redis is.
const Address = "redis[s]://[USER:PASSWORD@]HOST:PORT[/DB], redis-socket:///PATH[?db=N], " +
	"redis-sentinel://[:PASSWORD@]HOST:PORT,…?master=NAME, redis[s]-cluster://[USER:PASSWORD@]HOST:PORT,…"

// errAddress: what a URL that cannot be read holds may be a password.
var errAddress = errors.New("the address of the queue cannot be read: it is " + Address)

// connection reads the address of a queue. A Cluster has no numbered databases,
// and asynq keeps each queue in one of its slots.
func connection(address string) (asynq.RedisConnOpt, error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return nil, errAddress
	}
	scheme = strings.Replace(scheme, "valkey", "redis", 1)
	secure := scheme == "rediss-cluster"
	if !secure && scheme != "redis-cluster" {
		opt, err := asynq.ParseRedisURI(scheme + "://" + rest)
		if err != nil {
			return nil, errAddress
		}
		return opt, nil
	}
	user, hosts := "", rest
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		user, hosts = rest[:i+1], rest[i+1:]
	}
	hosts = strings.TrimSuffix(hosts, "/")
	first, _, _ := strings.Cut(hosts, ",") // a URL has one host
	u, err := url.Parse("redis://" + user + first)
	if err != nil || hosts == "" || u.Path != "" || u.RawQuery != "" {
		return nil, errAddress
	}
	opt := asynq.RedisClusterClientOpt{Addrs: strings.Split(hosts, ","), Username: u.User.Username()}
	opt.Password, _ = u.User.Password()
	for _, a := range opt.Addrs {
		if !strings.Contains(a, ":") {
			return nil, fmt.Errorf("%w: %q has no port", errAddress, a)
		}
	}
	if secure {
		opt.TLSConfig = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	return opt, nil
}
