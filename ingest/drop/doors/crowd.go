package doors

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// A Crowd is a listener that lets in as many as there is room for, from one address
// and in all, and none for longer than an hour.
type Crowd struct {
	net.Listener
	Guard *Guard
	Log   *slog.Logger
	Ctx   context.Context // ends with the door
	Proxy bool            // all come from one address: they are counted in all alone
}

// Accept returns the next one who has room; others are turned away unheard.
func (l Crowd) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			if l.Ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil, err
			}
			l.Log.WarnContext(l.Ctx, "a connection was not taken", "err", err)
			select {
			case <-l.Ctx.Done():
				return nil, err
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		leave, ok := l.Guard.enter(hostOf(c.RemoteAddr().String()), l.Proxy)
		if !ok {
			c.Close()
			continue
		}
		in := &visitor{Conn: c, leave: leave}
		in.over = time.AfterFunc(longest, func() { _ = c.Close() })
		return in, nil
	}
}

type visitor struct {
	net.Conn
	leave func()
	over  *time.Timer
	once  sync.Once
}

// Close ends the connection, and makes room.
func (v *visitor) Close() error {
	v.once.Do(func() { v.over.Stop(); v.leave() })
	return v.Conn.Close()
}
