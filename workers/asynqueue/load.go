package asynqueue

import "context"

// A Load counts what is in the queue. What it says is a hint, as all in the queue:
// what is owed stands in the rows.
type Load struct {
	Waiting   int // nobody has taken it up
	Active    int // somebody has
	Elsewhere int // scheduled, to be retried or archived: ours are never
	Paused    int // queues that somebody has stopped
}

// Load counts what is in all queues.
func (q *Queue) Load(context.Context) (d Load, err error) {
	queues, err := q.inspector.Queues()
	if err != nil {
		return d, err
	}
	for _, name := range queues {
		in, err := q.inspector.GetQueueInfo(name)
		if err != nil {
			return d, err
		}
		d.Waiting += in.Pending
		d.Active += in.Active
		d.Elsewhere += in.Scheduled + in.Retry + in.Archived
		if in.Paused {
			d.Paused++
		}
	}
	return d, nil
}
