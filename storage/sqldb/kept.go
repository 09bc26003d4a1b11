package sqldb

import (
	"context"
	"slices"
	"sync"

	"sohoa/dossier"
)

// A kept is a copy of something of the catalogue, which everybody asks for and
// hardly anybody changes. Whether it is still true is asked each time: the stamp is
// counted in the transaction that changes the catalogue, whoever does it, so that
// what another process changed is seen by the next who asks here.
type kept[T any] struct {
	mu    sync.Mutex
	stamp int64 // 0: nothing is kept
	value T
}

// get returns what load makes, or the copy of it. The stamp is read first: a copy
// may be newer than its stamp says, and is then loaded once too often, never older.
func (k *kept[T]) get(ctx context.Context, db *DB, of func(dossier.Stamps) int64, load func() (T, error)) (T, error) {
	stamps, err := db.Stamps(ctx)
	if err != nil {
		var none T
		return none, err
	}
	stamp := of(stamps)
	k.mu.Lock()
	value, same := k.value, k.stamp == stamp
	k.mu.Unlock()
	if same {
		return value, nil
	}
	if value, err = load(); err != nil {
		return value, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if stamp > k.stamp {
		k.stamp, k.value = stamp, value
	}
	return value, nil
}

type stampsOnce struct{}

// stampsRead are the stamps as one piece of work knows them.
type stampsRead struct {
	sync.Mutex
	now  dossier.Stamps
	read bool
}

// Stamped returns a context for work that looks at the catalogue often and changes nothing
// in it: the stamps are read once, when it first looks.
func (db *DB) Stamped(ctx context.Context) context.Context {
	return context.WithValue(ctx, stampsOnce{}, &stampsRead{})
}

// Stamps returns how often the catalogue was changed.
func (db *DB) Stamps(ctx context.Context) (dossier.Stamps, error) {
	once, _ := ctx.Value(stampsOnce{}).(*stampsRead)
	if once == nil {
		return db.stampsNow(ctx)
	}
	once.Lock()
	defer once.Unlock()
	var err error
	if !once.read {
		once.now, err = db.stampsNow(ctx)
		once.read = err == nil
	}
	return once.now, err
}

func (db *DB) stampsNow(ctx context.Context) (s dossier.Stamps, err error) {
	into := map[string]*int64{"agencies": &s.Agencies, "kinds": &s.Kinds, "procedures": &s.Procedures, "restrictions": &s.Restrictions}
	_, err = all(ctx, db.read, func(r row) (struct{}, error) {
		var what string
		var stamp int64
		err := r.Scan(&what, &stamp)
		if at := into[what]; at != nil {
			*at = stamp
		}
		return struct{}{}, err
	}, "SELECT what, stamp FROM catalogue_stamps")
	return s, named(err, "stamps of the catalogue")
}

// A realm is all agencies; nobody changes it.
type realm struct {
	all   []dossier.Agency    // by code
	tree  tree                // who is under whom
	under map[string][]string // the other way round, by code
	heirs map[string][]string // those that went into an agency
}

// realm returns the agencies as they are now.
func (db *DB) realm(ctx context.Context) (*realm, error) {
	return db.agencies.get(ctx, db, func(s dossier.Stamps) int64 { return s.Agencies }, func() (*realm, error) {
		r := &realm{tree: tree{}, under: map[string][]string{}, heirs: map[string][]string{}}
		var err error
		if r.all, err = all(ctx, db.read, scanAgency, "SELECT "+agencyColumns+" FROM agencies ORDER BY code"); err != nil {
			return nil, err
		}
		for _, a := range r.all {
			r.tree[string(a.Code)] = string(a.Parent)
			r.under[string(a.Parent)] = append(r.under[string(a.Parent)], string(a.Code))
		}
		_, err = all(ctx, db.read, func(x row) (struct{}, error) {
			var code, successor string
			err := x.Scan(&code, &successor)
			r.heirs[successor] = append(r.heirs[successor], code)
			return struct{}{}, err
		}, "SELECT DISTINCT agency, successor FROM agency_spans WHERE successor IS NOT NULL ORDER BY agency")
		return r, err
	})
}

// below returns code and all that are under it, at any depth, or went into one of
// them; by code. Of an unknown agency there are none.
func (r *realm) below(code string) (out []dossier.AgencyCode) {
	if _, known := r.tree[code]; !known {
		return nil
	}
	seen, next := map[string]bool{code: true}, []string{code}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		out = append(out, dossier.AgencyCode(at))
		for _, c := range slices.Concat(r.under[at], r.heirs[at]) {
			if !seen[c] {
				seen[c] = true
				next = append(next, c)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Merged returns the agencies that went into one, also by way of others: those
// whose dossiers are not among what is counted of it, or of another of them, since
// they stand elsewhere in the tree. They are in the order of their codes; of most
// agencies there are none.
func (db *DB) Merged(ctx context.Context, code dossier.AgencyCode) ([]dossier.AgencyCode, error) {
	r, err := db.realm(ctx)
	if err != nil {
		return nil, named(err, "agencies that went into %s", code)
	}
	return r.merged(string(code)), nil
}

func (r *realm) merged(code string) (out []dossier.AgencyCode) {
	in := map[string]bool{code: true}
	for next := []string{code}; len(next) > 0; next = next[1:] {
		for _, h := range r.heirs[next[0]] {
			if !in[h] {
				in[h] = true
				next = append(next, h)
			}
		}
	}
	for h := range in {
		if h != code && !slices.ContainsFunc(r.tree.up(h), func(up string) bool { return in[up] }) {
			out = append(out, dossier.AgencyCode(h))
		}
	}
	slices.Sort(out)
	return out
}
