package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/cmd/internal/meter"
	"sohoa/cmd/internal/tracing"
	"sohoa/dossier/fixity"
	"sohoa/ingest"
	incoming "sohoa/ingest/batch"
	"sohoa/ingest/draft"
	"sohoa/ingest/drop/escl"
	"sohoa/ingest/drop/letter"
	"sohoa/ingest/office"
	"sohoa/ingest/sheet"
	"sohoa/ingest/sniff"
	"sohoa/ingest/upload"
	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/ocr/quality"
	"sohoa/ocr/sides"
	"sohoa/outbound"
	"sohoa/pdf/arrange"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/raster"
	"sohoa/pdf/readingcopy"
	"sohoa/signing"
	"sohoa/signing/chains"
	"sohoa/signing/devca"
	"sohoa/signing/keys/pkcs11"
	"sohoa/signing/mark"
	"sohoa/signing/pdfsign"
	placing "sohoa/signing/place"
	"sohoa/signing/revinfo"
	"sohoa/signing/taster"
	"sohoa/signing/tsa"
	"sohoa/signing/verify"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/blob/sealed"
	"sohoa/storage/packages"
	"sohoa/storage/sqldb"
	"sohoa/web"
	"sohoa/web/live"
	"sohoa/workers"
	"sohoa/workers/asynqueue"
)

// Children are the program's children, for [jail.Main].
func Children() map[string]jail.Child {
	return map[string]jail.Child{
		"inspect":         sniff.InspectChild,
		"split":           sniff.SplitChild,
		"vouch":           sniff.VouchChild,
		pdfa.ChildName:    pdfa.Child,
		arrange.ChildName: arrange.Child,
		raster.ChildName:  raster.Child,

		readingcopy.ChildName: readingcopy.Child,
		child.Name:            child.Child,
		quality.ChildName:     quality.Child,
		sides.ChildName:       sides.Child,
		office.ChildName:      office.Child,
		"verify":              verify.Child,
		chains.Name:           chains.Child,
		pkcs11.Name:           pkcs11.Child,
		pdfsign.Name:          pdfsign.Child,
		taster.Name:           taster.Child,
		capsChild:             takeMemory,
		sheet.ChildName:       sheet.Child,
		packages.ChildName:    packages.Child,
		escl.Name:             escl.Child,
		letter.Name:           letter.Child,
	}
}

// A House is everything that runs, built and not yet running.
type House struct {
	Settings Settings
	DB       *sqldb.DB
	Blobs    blob.Store
	Keeper   *archive.Keeper
	CA       *devca.CA
	Trust    *Trust
	Sealer   *signing.Sealer
	Door     *ingest.Door
	Worker   *workers.Worker
	Queue    *asynqueue.Queue
	Pages    http.Handler
	Live     *live.Hub // of a process with pages
	Log      *slog.Logger
	Ledger   *bookkeeper
	Notary   *notary

	files       archive.Store // as Blobs, with all that its keeper needs
	tools       *workers.Tools
	vault       web.Vault  // seals secrets in rows; nil: the store is not sealed
	fenced      blob.Store // where checkpoints of the ledger go
	shelf       *shelf
	bundles     *incoming.Desk
	drafts      *draft.Desk
	uploads     *upload.Store
	asked       *revinfo.Client    // tells of revocations, over the network
	listener    net.Listener       // of the pages
	dropsAt     dropListeners      // of scanners
	tsaListener net.Listener       // of the development time-stamp authority
	meter       *meter.Meter       // nil beside a service
	tracer      *tracing.Tracer    // nil: nobody asks
	reading     func() child.Parts // processor time of the readers
	metrics     net.Listener       // of the figures for Prometheus; nil: nowhere
	closers     []func() error
	temp        string
	ready       readiness
}

// Build builds the house in its data directory, making what a first start
// needs. The caller closes it.
func Build(ctx context.Context, s Settings, log *slog.Logger) (h *House, err error) {
	h = &House{Settings: s, Log: log, temp: filepath.Join(s.Data, "tmp")}
	return h, h.build(ctx, h.see, h.open, h.keys, h.line, h.openLedger, h.pages)
}

// build takes steps, and back what was taken if one fails.
func (h *House) build(ctx context.Context, steps ...func(context.Context) error) error {
	if err := h.Settings.check(); err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return errors.Join(err, h.Close())
		}
	}
	return nil
}

func (h *House) onClose(f func() error) { h.closers = append(h.closers, f) }

// Close lets go of everything, last built first.
func (h *House) Close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i]())
	}
	h.closers = nil
	return errors.Join(errs...)
}

// open takes the directory: its lock, its files, its rows. Whatever another
// life of the house had begun is void.
func (h *House) open(ctx context.Context) error {
	held, err := lock(h.Settings.Data)
	if err != nil {
		return err
	}
	h.onClose(held.Close)
	for _, dir := range []string{h.temp, h.drafting(), h.copying()} { // files under way when it was killed
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	for _, dir := range []string{h.temp, h.cache(), h.drafting(), h.copying(), h.laid(), h.arriving()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := h.openRecord(ctx); err != nil {
		return err
	}
	h.Keeper = keeper(h.Settings, h.DB, h.files, h.Log)
	if h.Keeper.Second != nil {
		h.Keeper.Second = seenStore{h.Keeper.Second, fixity.Second, h.meter, h.Settings.now}
	}
	return h.DB.MoveIn(ctx)
}

// openRecord opens rows and files, which may be done beside a service that runs.
func (h *House) openRecord(ctx context.Context) (err error) {
	if h.DB, err = openRows(ctx, h.Settings); err != nil {
		return err
	}
	h.onClose(h.DB.Close)
	if h.Settings, err = h.Settings.under(ctx, h.DB); err != nil {
		return err
	}
	main, err := openBlobs(ctx, h.Settings)
	if err != nil {
		return err
	}
	h.vault = vaultOf(main) // before anything stands around it
	if h.meter != nil {
		main = seenStore{main, fixity.Main, h.meter, h.Settings.now}
	}
	h.Blobs, h.fenced = main, fencedStore(h.Settings, h.Settings.main(), main, nil, h.Log)
	h.files = main
	return nil
}

// vaultOf is what seals secrets in rows: the ring of a store that is sealed, else nil.
func vaultOf(main archive.Store) web.Vault {
	if sealing, ok := main.(*sealed.Store); ok {
		return sealing.Ring()
	}
	return nil
}

func (h *House) cache() string { return filepath.Join(h.Settings.Data, "cache") }

// drafting is where files are made ready that people lay out, and copying where files out of the store
// are at hand: both void when the house starts.
func (h *House) drafting() string { return filepath.Join(h.Settings.Data, "drafts") }
func (h *House) copying() string  { return filepath.Join(h.cache(), "copies") }

// laid is where files lie that people laid out, and arriving what comes in pieces: both
// outlive the house, for some hours. All its processes have them in common: a phone comes
// to another one than the counter that invited it.
func (h *House) laid() string     { return filepath.Join(h.Settings.SharedDir(), laidDir) }
func (h *House) arriving() string { return filepath.Join(h.Settings.SharedDir(), arrivingDir) }

// keys opens the roots that are believed, the development authority, and gives
// its time-stamps an address on this machine. In a house that counts there is no
// development authority.
func (h *House) keys(ctx context.Context) (err error) {
	if h.Trust, err = OpenTrust(h.Settings.trust()); err != nil {
		return err
	}
	if h.Settings.Real {
		return nil
	}
	if err = h.Settings.Alone(ctx, func() (err error) {
		h.CA, err = devca.Open(filepath.Join(h.Settings.SharedDir(), "devca"), h.Settings.now)
		return err
	}); err != nil {
		return fmt.Errorf("development authority: %w", err)
	}
	if h.tsaListener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return fmt.Errorf("time-stamp authority: %w", err)
	}
	h.onClose(closed(h.tsaListener))
	return nil
}

// line builds what reads, writes and signs.
func (h *House) line(ctx context.Context) error {
	font, err := mark.Load(h.Settings.Font)
	if err != nil {
		return fmt.Errorf("font of the marks (Debian package fonts-croscore): %w", err)
	}
	pool, err := child.New(Reading(h.Settings.Readers))
	if err != nil {
		return err
	}
	h.onClose(func() error { pool.Close(); return nil })
	h.reading = pool.Parts
	if h.meter != nil {
		h.meter.Reads(func() map[string]time.Duration { return pool.Parts().Named() })
	}
	if h.Queue, err = asynqueue.Open(ctx, h.Settings.RedisURL); err != nil {
		return err
	}
	h.onClose(func() error { h.Queue.Close(); return nil })
	first := taster.New(ctx)
	h.onClose(first.Close)
	h.Sealer = h.sealer(font, first)
	if err = h.openKeys(ctx); err != nil {
		return err
	}
	second, err := SecondJudge(ctx, h.Settings.Judge)
	if err != nil {
		return fmt.Errorf("SOHOA_JUDGE: %w", err)
	}
	h.tools = &workers.Tools{
		Facts: h.DB, Blobs: h.Blobs, Reader: h.seenReader(pool), Temp: h.temp, Now: h.Settings.now, Readers: h.Settings.Readers,
		Keys:   h.shelf,
		Level:  signing.LevelLTA,
		Sealer: h.Sealer,
		Pages:  splitter, ToRead: readSplitter, Held: sniff.Held, Claimed: sniff.Claimed, Kept: keptSplitter,
		Judge: h.judge, Second: second, Seen: h.DB.BatchBrought,
		Shared: h.DB, Pressed: func(ctx context.Context) (bool, bool) { return h.Worker.Pressed(ctx) },
		Came: h.Queue.Ahead, Lately: &workers.Lately{},
	}
	h.Worker = workers.New(workers.Worker{Rows: h.seenRows(), Queue: h.Queue, Line: h.seenLine(workers.Line(h.tools)),
		Pages: h.DB, Help: h.tools.HelpRead, Name: "line", Log: h.Log, Now: h.Settings.now, Trouble: trouble})
	h.Door = &ingest.Door{Rows: h.DB, Blobs: h.Blobs, Limits: Limits, Temp: h.temp, Now: h.Settings.now, Malware: h.malware()}
	h.bundles = h.batchDesk()
	return nil
}

// sealer builds what signs and extends: with the authorities that the settings
// name, or those of development.
func (h *House) sealer(font *mark.Font, first *taster.Taster) *signing.Sealer {
	roots := h.pool()
	client := &tsa.Client{URL: h.Settings.TSA, Roots: roots, Now: h.Settings.now}
	if client.URL == "" {
		client.URL = "http://" + h.tsaListener.Addr().String()
	}
	asked := &revinfo.Client{Now: h.Settings.now, HTTP: outbound.Client(h.Settings.Private.Has, 0, nil)}
	h.asked = asked
	Taste(first, client, asked)
	return &signing.Sealer{Font: font, Now: h.Settings.now, TSA: client, Roots: roots,
		Evidence: &asker{ca: h.CA, asked: asked}, Eyes: placing.Poppler{Temp: h.temp}}
}

// pages builds what people see; a process without pages has an address for its
// probes alone.
func (h *House) pages(context.Context) (err error) {
	h.Notary = &notary{h: h}
	if h.Settings.Has(Web) {
		if err := h.openPages(); err != nil {
			return err
		}
	}
	h.Pages = h.ready.probes(h.Pages)
	if h.listener, err = listen(h.Settings.Addr); err != nil {
		return err
	}
	h.onClose(closed(h.listener))
	if h.Settings.Has(Web) {
		return h.listenForDrops()
	}
	return nil
}

func (h *House) openPages() error {
	drawn, err := h.openPictures()
	if err != nil {
		return err
	}
	h.Keeper.Forget = drawn.forget
	laid, err := h.openDrafts()
	if err != nil {
		return err
	}
	printed, err := prints(h.Settings.Font)
	if err != nil {
		return fmt.Errorf("font of forms (Debian package fonts-croscore): %w", err)
	}
	provider, err := h.Settings.provider()
	if err != nil {
		return err
	}
	people, err := h.populationDesk()
	if err != nil {
		return err
	}
	h.Live = live.New(h.DB, 0, h.Log)
	h.Pages, err = web.New(web.Deps{
		Live: h.Live, Happened: h.DB,
		Documents: h.DB, Moves: seenMoves{h.DB, h}, Dossiers: h.DB, Holders: h.DB, Record: h.DB, Catalogue: h.DB,
		Office: h.DB, People: h.DB, Accounts: h.DB, Vault: h.vault, Figures: h.DB, Closings: h.books(), Seals: h.DB, Settings: h.DB, Ratings: h.DB, Answers: h.DB, Hooks: h.DB, Drops: h.DB, DropDoors: h.dropDoors(), Notices: h.DB, OneStop: h.DB, National: h.nationalDesk(), Population: people, Payments: h.DB, Poster: posterWriter(h.Settings.Font), NoticeChannels: h.Settings.noticeChannels(), Neighbours: h.neighbours, Calls: h.Settings.Calls, APIRate: h.Settings.APIRate, SealWaits: h.Notary.Waits, Workbook: h.workbook, Provinces: h.Settings.provinces, Blobs: h.Blobs,
		Ingest: door{h}, Desk: web.Desk{Batches: h.DB, Keys: keyDesk{h.shelf, h.shelf.gate(h.Sealer.Evidence)}, Where: h.markStands}, Pictures: drawn, PaperBatches: h.openBatches(laid.gallery, printed.separators), Projects: h.DB, HandOver: h.handOver, Drafts: laid, DraftPicture: laid.picture, Uploads: h.openUploads(), Phones: h.openPhones(), ReadCodes: h.readCodes, Verify: h.verdict, Judge: h.judgeFile, Reviews: h.DB, Export: h.export, Pack: h.packForPage, Moved: h.moved,
		Renewals: h.DB, Roots: h.Trust.Shown, Fixity: h.fixityReport, Ledger: h.DB, Proofs: proofs{h.Ledger}, Search: h.DB, Imports: h.importDesk(), Receipt: printed.receipt, Form: printed.form, Laws: h.DB, Precedents: h.DB, Person: h.givePerson, Retention: h.DB, Rooms: h.DB, Restrictions: h.DB, Line: h.DB, Gate: (&gate{h: h}).pass,
		Now: h.Settings.now, Log: h.Log, DevCA: !h.Settings.Real, MaxBytes: Limits.Bytes, Secure: h.Settings.TLS || strings.HasPrefix(h.Settings.Origin, "https:"),
		Origin: h.Settings.Origin, Provider: provider, LocalAdmins: h.Settings.SignOn.Local == "admins",
	})
	if err != nil {
		return err
	}
	h.Pages = h.seenPages(h.Pages)
	return nil
}

// Addr is where the pages are.
func (h *House) Addr() string { return h.listener.Addr().String() }

// Run does what the process's roles are until ctx ends. Then it says that it goes
// down, takes nothing more, and leaves what is in hand some time to come to its
// end; what does not is given back.
func (h *House) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	ctx = h.draining(ctx, g)
	last, over := context.WithCancel(context.WithoutCancel(ctx)) // what others need to end
	defer over()
	var under errgroup.Group
	under.Go(func() error { return serve(ctx, h.listener, h.Pages) })
	if h.metrics != nil {
		under.Go(func() error { return serve(ctx, h.metrics, h.figuresPage()) })
	}
	if h.Settings.Has(Worker) {
		under.Go(func() error {
			// One more than there are readers: what needs none (files to write, papers to take
			// apart) is done while all read, and the next page is there when one is free.
			return h.Queue.Serve(ctx, h.Settings.Readers+1, h.Settings.Grace, h.Log, h.Worker.Step)
		})
	}
	g.Go(func() error {
		defer over()
		return under.Wait()
	})
	if h.CA != nil {
		g.Go(func() error { return serve(last, h.tsaListener, h.CA.TSA()) })
	}
	if h.Settings.Has(Web) {
		g.Go(func() error { return h.sweepDrafts(ctx) })
		g.Go(func() error { return h.openDoors(ctx) })
		g.Go(func() error { return h.Live.Run(ctx) })
	}
	if h.Settings.Has(Worker) {
		g.Go(func() error { return h.workBatches(ctx) })
	}
	if h.Settings.Has(Sweeper) {
		g.Go(func() error { return h.onDuty(ctx, h.duties()) })
	}
	return g.Wait()
}

// duties are what one process does for the whole house.
func (h *House) duties() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"relay":   h.Worker.Relay,
		"ledger":  h.Ledger.keep,
		"figures": h.foldFigures,
		"seals":   h.Notary.keep,
		"proofs": func(ctx context.Context) error {
			if err := h.findProofs(ctx); err != nil {
				return err
			}
			<-ctx.Done() // until the next start
			return nil
		},
		"portal":   h.tellPortal,
		"hooks":    h.tellHooks,
		"drops":    h.watchFolders,
		"people":   h.tellPeople,
		"onestop":  h.joinOneStop,
		"national": h.askProcedures,
		"files":    h.Keeper.Run,
		"search":   indexer(h.Settings, h.DB, h.Blobs, h.Log).Run,
		"prints":   h.pagePrints().Run,
	}
}

// draining returns a context that ends after ctx has, by as long as the process
// says that it goes down.
func (h *House) draining(ctx context.Context, g *errgroup.Group) context.Context {
	later, end := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error {
		<-ctx.Done()
		h.ready.down.Store(true)
		wait(later, h.Settings.Drain)
		end()
		return nil
	})
	return later
}

func serve(ctx context.Context, l net.Listener, pages http.Handler) error {
	server := &http.Server{Handler: pages, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(late)
		_ = server.Close()
	}()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return err
}

func closed(c io.Closer) func() error {
	return func() error {
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}
