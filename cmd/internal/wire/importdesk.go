package wire

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/ingest/malware"
	"sohoa/ingest/sheet"
	"sohoa/web"
)

// importLife is how long a list lies between its dry run and the word to do it.
// Lists of dossiers name people: none lies longer than it must.
const importLife = time.Hour

// mostImports is how many lists lie at once.
const mostImports = 8

// An importDesk keeps lists between their dry run and the word to do it, in the
// directory that is emptied when the house starts.
type importDesk struct {
	h *House

	mu   sync.Mutex
	kept map[string]keptImport
}

type keptImport struct {
	Import
	who dossier.PersonID
	at  time.Time
}

func (h *House) importDesk() *importDesk { return &importDesk{h: h, kept: map[string]keptImport{}} }

// Plan implements [web.Imports].
func (d *importDesk) Plan(ctx context.Context, in web.ImportGiven) (out web.ImportPlan, err error) {
	f, err := os.CreateTemp(d.h.temp, "import-*")
	if err != nil {
		return out, err
	}
	_, err = io.Copy(f, in.Body)
	if end := f.Close(); err == nil {
		err = end
	}
	i := Import{What: in.What, Path: f.Name(), Day: in.Day}
	if err == nil {
		err = later(d.h.malware().Pass(ctx, f.Name(), malware.Trace{Door: "lists", Who: string(in.Who)}))
	}
	if err == nil {
		out.Plan, err = planImport(ctx, d.h.DB, i, d.h.Settings.now())
	}
	if err != nil {
		_ = os.Remove(f.Name()) // else the next start does
		return out, err
	}
	out.ID, out.Sum = rand.Text(), sumOf(out.Plan)
	d.keep(out.ID, keptImport{i, in.Who, d.h.Settings.now()})
	return out, nil
}

// keep forgets what has lain too long, and the oldest of too many.
func (d *importDesk) keep(id string, k keptImport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		oldest := ""
		for other, x := range d.kept {
			if oldest == "" || x.at.Before(d.kept[oldest].at) {
				oldest = other
			}
		}
		if oldest == "" || len(d.kept) < mostImports && k.at.Sub(d.kept[oldest].at) < importLife {
			break
		}
		d.remove(oldest)
	}
	d.kept[id] = k
}

func (d *importDesk) remove(id string) {
	_ = os.Remove(d.kept[id].Path) // else the next start does
	delete(d.kept, id)
}

// Order implements [web.Imports].
func (d *importDesk) Order(ctx context.Context, id, sum string, who dossier.PersonID) (catalogue.Plan, error) {
	d.mu.Lock()
	k, ok := d.kept[id]
	d.mu.Unlock()
	if !ok || k.who != who || d.h.Settings.now().Sub(k.at) > importLife {
		return catalogue.Plan{}, fmt.Errorf("%w: no such list", dossier.ErrNotFound)
	}
	plan, err := planImport(ctx, d.h.DB, k.Import, d.h.Settings.now())
	if err != nil {
		return plan, err
	}
	if sumOf(plan) != sum {
		return plan, fmt.Errorf("%w: the list would do something else than was shown", dossier.ErrConflict)
	}
	if err := orderImport(ctx, d.h.DB, plan, who); err != nil {
		return plan, err
	}
	d.Forget(id, who)
	return plan, nil
}

// Forget implements [web.Imports].
func (d *importDesk) Forget(id string, who dossier.PersonID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept[id].who == who {
		d.remove(id)
	}
}

// Write implements [web.Imports].
func (d *importDesk) Write(ctx context.Context, w io.Writer, what, form string) error {
	head, rows, err := exported(ctx, d.h.DB, what, d.h.Settings.now())
	if err != nil {
		return err
	}
	return sheet.Write(w, form, head, rows)
}

// sumOf names all that a plan says.
func sumOf(p catalogue.Plan) string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
