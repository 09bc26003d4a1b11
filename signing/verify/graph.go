package verify

import "sohoa/pdf/revision"

// A graph says which object names which, and where within it.
type graph struct {
	out   map[int][]edge // by the object that names
	in    map[int][]edge // by the object that is named, in use or not
	words map[step]string
}

// An edge is one reference. In out, num is the object that is named; in in, the
// one that names it. The path leads to it from the outermost dictionary:
// "/AP/N", "/Kids[]".
type edge struct {
	num  int
	path string
}

// A step is one more part of a path.
type step struct {
	path string
	key  revision.Name
}

// graphOf reads all objects of a file.
func graphOf(f *revision.File) (*graph, error) {
	g := &graph{out: map[int][]edge{}, in: map[int][]edge{}, words: map[step]string{}}
	for _, ref := range f.Refs() {
		if err := g.add(f, ref); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// add reads one object.
func (g *graph) add(f *revision.File, ref revision.Ref) error {
	o, err := f.Get(ref)
	if err != nil {
		return err
	}
	if s, ok := o.(*revision.Stream); ok && s.Dict["Type"] == revision.Name("XRef") {
		return nil // what it names are the trailer's
	}
	g.walk(ref.Num, "", o)
	return nil
}

func (g *graph) walk(from int, path string, o revision.Object) {
	switch o := o.(type) {
	case revision.Ref:
		g.out[from] = append(g.out[from], edge{o.Num, path})
		g.in[o.Num] = append(g.in[o.Num], edge{from, path})
	case revision.Array:
		if names(o) {
			path = g.word(path, "")
			for _, e := range o {
				g.walk(from, path, e)
			}
		}
	case revision.Dict:
		for k, e := range o {
			switch e.(type) {
			case revision.Ref, revision.Array, revision.Dict:
				g.walk(from, g.word(path, k), e)
			}
		}
	case *revision.Stream:
		g.walk(from, path, o.Dict)
	}
}

// names reports whether an array may hold references: most hold numbers.
func names(a revision.Array) bool {
	for _, e := range a {
		switch e.(type) {
		case revision.Ref, revision.Array, revision.Dict:
			return true
		}
	}
	return false
}

// word returns path with one more part; with no key, that of an array. Few
// paths are ever seen, so they are kept.
func (g *graph) word(path string, key revision.Name) string {
	s := step{path, key}
	w, ok := g.words[s]
	if !ok {
		if w = path + "/" + string(key); key == "" {
			w = path + "[]"
		}
		if len(w) > maxPath { // nothing that matters is that deep
			w = w[:maxPath]
		}
		g.words[s] = w
	}
	return w
}

// maxPath is the most bytes of a path that are kept.
const maxPath = 200

// drop forgets what an object names.
func (g *graph) drop(num int) {
	for _, e := range g.out[num] {
		list := g.in[e.num]
		for i, back := range list {
			if back.num == num && back.path == e.path {
				list[i] = list[len(list)-1]
				g.in[e.num] = list[:len(list)-1]
				break
			}
		}
	}
	delete(g.out, num)
}

// only reports whether object num is named, and by nobody but object from at one
// of the paths.
func (g *graph) only(num, from int, paths ...string) bool {
	for _, e := range g.in[num] {
		ok := false
		for _, p := range paths {
			ok = ok || e.num == from && e.path == p
		}
		if !ok {
			return false
		}
	}
	return len(g.in[num]) > 0
}
