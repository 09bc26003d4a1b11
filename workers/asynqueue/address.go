package asynqueue

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"sohoa/dossier"
)

// errAddress: the address is not shown, there may be a password in it.
var errAddress = errors.New("the address cannot be read: it is redis://[USER:PASSWORD@]HOST:PORT/DB, rediss:// over TLS, " +
	"redis-sentinel://[:PASSWORD@]HOST:PORT,HOST:PORT/DB?master=NAME, or redis-cluster://[USER:PASSWORD@]HOST:PORT,HOST:PORT (redis-sentinels:// and redis-clusters:// over TLS)")

// connection reads the address of a Redis or Valkey: one server, one that
// Sentinels look after, or a Cluster. sentinel_password is theirs, if they have
// one of their own.
func connection(address string) (asynq.RedisConnOpt, error) {
	u, err := url.Parse(strings.Replace(address, "valkey", "redis", 1))
	if err != nil {
		return nil, errAddress
	}
	if u.Scheme == "redis-socket" {
		return asynq.ParseRedisURI(u.String())
	}
	password, _ := u.User.Password()
	hosts := strings.Split(u.Host, ",")
	for i, h := range hosts {
		if _, _, err := net.SplitHostPort(h); err != nil {
			port := "6379"
			if strings.HasPrefix(u.Scheme, "redis-sentinel") {
				port = "26379"
			}
			hosts[i] = net.JoinHostPort(strings.Trim(h, "[]"), port)
		}
		if strings.HasPrefix(hosts[i], ":") {
			return nil, errAddress
		}
	}
	db, err := number(strings.Trim(u.Path, "/"))
	if err != nil {
		return nil, errAddress
	}
	var over *tls.Config
	if strings.HasSuffix(u.Scheme, "s") && u.Scheme != "redis" {
		name, _, _ := net.SplitHostPort(hosts[0])
		over = &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	}
	switch u.Scheme {
	case "redis", "rediss":
		if len(hosts) > 1 {
			return nil, errAddress
		}
		return asynq.RedisClientOpt{Addr: hosts[0], Username: u.User.Username(), Password: password, DB: db, TLSConfig: over}, nil
	case "redis-sentinel", "redis-sentinels":
		q := u.Query()
		if q.Get("master") == "" {
			return nil, errAddress
		}
		if over != nil {
			over.ServerName = "" // the name is that of whoever is asked
		}
		return asynq.RedisFailoverClientOpt{MasterName: q.Get("master"), SentinelAddrs: hosts, SentinelPassword: q.Get("sentinel_password"),
			Username: u.User.Username(), Password: password, DB: db, TLSConfig: over}, nil
	case "redis-cluster", "redis-clusters":
		if db != 0 { // a Cluster has one
			return nil, errAddress
		}
		if over != nil {
			over.ServerName = ""
		}
		return asynq.RedisClusterClientOpt{Addrs: hosts, Username: u.User.Username(), Password: password, TLSConfig: over}, nil
	}
	return nil, errAddress
}

func number(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.Atoi(s)
}

// asked is the server that is asked how it is: of a Cluster the one that would
// have our keys.
func asked(ctx context.Context, c redis.UniversalClient) (redis.UniversalClient, error) {
	if all, ok := c.(*redis.ClusterClient); ok {
		return all.MasterForKey(ctx, "asynq:{"+queues[dossier.Place{Lane: dossier.Ordinary}]+"}:pending")
	}
	return c, nil
}
