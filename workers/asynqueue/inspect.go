package asynqueue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// A Server is what can be seen of a Redis.
type Server struct {
	Version string
	Replica bool          // it takes nothing
	Loading bool          // it reads its file and answers nothing yet
	Policy  string        // what goes when its memory is full
	Most    int64         // bytes of memory it may take; 0: no limit
	Used    int64         // bytes
	Ahead   time.Duration // how much its clock is ahead of ours
	Paused  bool          // somebody has the line wait
	Denied  []string      // what was tried and refused, with what it said
}

// Inspect asks the Redis at url how it is, and tries what the queue does there
// with a key of its own, which goes by itself.
func Inspect(ctx context.Context, url string, now func() time.Time) (s Server, err error) {
	opt, err := connection(url)
	if err != nil {
		return s, err
	}
	client, ok := opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return s, errors.New("queue: no client")
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := client.Ping(ctx).Err(); err != nil && !strings.HasPrefix(err.Error(), "LOADING") {
		return s, fmt.Errorf("queue: %w", err)
	}
	s.try(ctx, client)
	one, err := asked(ctx, client)
	if err != nil {
		return s, fmt.Errorf("queue: %w", err)
	}
	told, err := one.Info(ctx).Result()
	if err != nil {
		s.Denied = append(s.Denied, "INFO: "+err.Error())
		return s, nil
	}
	facts := factsOf(told)
	s.Version, s.Policy = facts["redis_version"], facts["maxmemory_policy"]
	s.Replica, s.Loading = facts["role"] == "slave", facts["loading"] == "1"
	s.Most, _ = strconv.ParseInt(facts["maxmemory"], 10, 64)
	s.Used, _ = strconv.ParseInt(facts["used_memory"], 10, 64)
	began := now()
	if theirs, err := one.Time(ctx).Result(); err == nil {
		s.Ahead = theirs.Sub(began.Add(now().Sub(began) / 2))
	}
	inspector := asynq.NewInspector(opt)
	defer inspector.Close()
	for _, name := range queues {
		if q, err := inspector.GetQueueInfo(name); err == nil && q.Paused { // there is none before the first job
			s.Paused = true
		}
	}
	return s, nil
}

// try does what the queue does: keys, and scripts over them.
func (s *Server) try(ctx context.Context, client redis.UniversalClient) {
	key := "sohoa:doctor:" + rand.Text()
	for name, do := range map[string]func() error{
		"SET": func() error { return client.Set(ctx, key, "1", 10*time.Second).Err() },
		"EVAL": func() error {
			return client.Eval(ctx, "return redis.call('SET', KEYS[1], ARGV[1], 'EX', 10)", []string{"{" + key + "}-script"}, "1").Err()
		},
	} {
		if err := do(); err != nil {
			s.Denied = append(s.Denied, name+": "+err.Error())
		}
	}
	_ = errors.Join(client.Del(ctx, key).Err(), client.Del(ctx, "{"+key+"}-script").Err()) // they end by themselves
}

// factsOf reads what INFO answers: a name and a value a line.
func factsOf(info string) map[string]string {
	facts := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			facts[name] = value
		}
	}
	return facts
}
