package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/dossier"
	"sohoa/storage/durable"
)

// away ends the name of a draft that was discarded, until it is forgotten.
const away = ".away"

// Discard takes the draft at a place away. That there is none is no error. What a person
// discarded last can be laid out again ([Desk.Restore]) as long as a draft lives; it takes
// no room from what they lay out next, and what they discarded before it is forgotten.
func (d *Desk) Discard(p Place) error {
	defer d.hold(p)()
	x, err := d.read(p)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	before, err := filepath.Glob(filepath.Join(d.home(p), "*"+away))
	for _, path := range before {
		err = errors.Join(err, os.RemoveAll(path))
	}
	if err != nil {
		return err
	}
	for _, f := range x.Files {
		d.Forget(f.Sum) // its pictures; they are drawn again if it comes back
	}
	now := d.Now()
	return errors.Join(os.Chtimes(d.dir(p), now, now), os.Rename(d.dir(p), d.dir(p)+away), durable.Settle(d.home(p)))
}

// Discarded counts the pages of what was last discarded at a place; 0: it cannot be laid
// out again.
func (d *Desk) Discarded(p Place) (pages int, err error) {
	defer d.hold(p)()
	b, err := os.ReadFile(filepath.Join(d.dir(p)+away, state))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	var x Draft
	err = json.Unmarshal(b, &x)
	return len(x.Lines), err
}

// Restore lays out again what was last discarded at a place, as it lay there. The error
// wraps [dossier.ErrNotFound] if that is forgotten, [dossier.ErrConflict] if other files
// lie there meanwhile.
func (d *Desk) Restore(p Place) error {
	defer d.hold(p)()
	if _, err := d.read(p); err == nil {
		return fmt.Errorf("%w: other files lie there", dossier.ErrConflict)
	} else if !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	if err := os.RemoveAll(d.dir(p)); err != nil { // what a draft left that was begun and not written
		return err
	}
	err := os.Rename(d.dir(p)+away, d.dir(p))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: nothing was discarded", dossier.ErrNotFound)
	} else if err != nil {
		return err
	}
	now := d.Now()
	return errors.Join(os.Chtimes(d.dir(p), now, now), durable.Settle(d.home(p)))
}
