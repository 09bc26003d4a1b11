// Command sohoa is the whole house in one program: see `sohoa help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sohoa/cmd/internal/wire"
	"sohoa/jail"
)

const help = `Sohoa: from paper dossiers to signed, searchable, lasting electronic records.

  sohoa serve [--role all|web,worker,sweeper] [--demo] [--data DIR] [--addr HOST:PORT] [--log text|json]
        the whole service on an embedded default; --demo fills an empty
        directory with a made-up province and works through its dossiers. On
        PostgreSQL, Redis and S3 any number of processes of each role; see
        docs/operations.md
  sohoa process IN… -o OUT.pdf [--title TITLE] [--level 2b|2u|2a] [--text OUT.txt] [--hocr OUT.hocr] [--alto OUT.xml]
                [--reading-copy COPY.pdf] [--attachments DIR] [--password-from file:F|prompt]
                [--judge verapdf|PATH] [--json]
        the same line without a server: scans in, one searchable PDF/A out;
        veraPDF, if asked for, judges it too before it appears. Files within
        PDFs, which a PDF/A must not hold, are written to DIR. A reading copy is
        small, its letters sharp and the rest coarse; it is never an original
  sohoa inspect FILE [--password-from file:F|prompt] [--json]
        what a file is, what is found in it, and what would be done with it and with
        each page; the exit code is that of process
  sohoa extract FILE [--password-from file:F|prompt] [--json]
        what a paper tells of itself, for a person to confirm: number, day, agency,
        kind, subject, holder, validity and who signed, each with page, place,
        confidence and reason, and the cards and codes on its pages. Exit codes are
        those of process; a signed file is read, nothing is made of it
  sohoa pages FILE[:PAGES]… -o OUT.pdf [--split 3,5 | --each] [--dry-run] [--json]
        split, merge, turn, reorder, leave out pages of PDFs and scans before
        they are taken in, nothing drawn anew. PAGES is a list: 3 or 1-4 or 9-5
        or 7-last, !2 leaves out, r90 r180 r270 turn clockwise: a.pdf:1-3,7r90
        b.tif c.jpg:r180. --split cuts after pages, --each makes a file of each,
        numbered where OUT has a percent sign and d. What belongs to no page
        (outline, attachments, scripts) stays behind and is named; a signed
        file is never taken apart
  sohoa sign IN -o OUT --key K --name NAME
             --profile copy-officer|copy-agency|result|attachment
             [--level B-B|B-T|B-LT|B-LTA]
             [--tsa URL] [--trust PEM]… [--form FORM] [--journal FILE]
             [--pin-from file:F|credential:C|prompt] [--certificate PEM]…
             [--limits FILE] [--number N] [--location L] [--alone]
             [--signature-image PNG] [--seal-image PNG] [--seal-mm MM]
             [--writer own|pdfsign] [--at X,Y] [--corner C] [--page N]
        one PAdES signature with its mark, which keeps off what is on the page; evidence is asked
        for where the certificates say; of the level ordered, or not at all.
        K is a PKCS#12 file, a pkcs11: URI (RFC 7512), or csc:FILE with the
        settings of a signing service (Cloud Signature Consortium API v2)
  sohoa sign --out-dir DIR [--json] … IN…
        many files in one act with one PIN; each has its own intent and outcome
        line; run again, it does what is missing
  sohoa sign IN --prepare P --certificate PEM …
  sohoa sign IN --finish P --signature S -o OUT [--tsa URL] [--trust PEM]…
        the hash out, the signature back: for a key on somebody's desk. What is
        to be signed is in P.json
  sohoa verify FILE [--trust PEM]… [--crl FILE]… [--at TIME] [--json]
        whether the signatures of a PDF can be believed, and why; nothing is
        fetched, and without proof no signature is called valid
  sohoa renew --list [--at DATE] [--json] [--data DIR]
        what would be due for renewal by a day, as the archive stands
  sohoa renew --now [--at DATE] [--data DIR]
        renew what is due; a running service does so by itself
  sohoa renew FILE -o OUT --tsa URL --trust PEM… [--crl FILE]…
        new evidence and a new time-stamp for a signed file; what is there stays
  sohoa trust list|add PEM --who NAME [--why TEXT] [--data DIR]
        the roots that verdicts rest on, each in somebody's name
  sohoa figures --from DAY --to DAY [--agency CODE] [--format table|json|csv|xlsx]
                [--dossiers KEY | --by agency [--map FILE|tree]] [-o FILE] [--data DIR]
        the figures of a period by the rules in force on its first day, or the
        dossiers behind one and how each stands to it, or the figures of each
        receiving agency: with lines OLD,NEW in FILE, or by the tree
        (--map tree), those of before a merger as those of today, with the same sums; a service may be running
  sohoa figures close --month YYYY-MM | correct --month YYYY-MM --reason TEXT [--json] [--data DIR]
        freeze the figures of a month that is over, one after the other, or put
        a corrected version beside the frozen one; the reason is published
  sohoa figures closed [--month YYYY-MM] | statement --month YYYY-MM [--version N]
        list the closed months with their versions, or print a statement
  sohoa figures --recompute --month YYYY-MM [--version N] [--json] [--data DIR]
        count a closed month again from the ledger as it stood then: the same
        bytes, or what differs and exit code 16
  sohoa figures report|signature|evidence --month YYYY-MM [--version N] -o FILE [--data DIR]
        the report of a closed month, a PDF/A sealed by the agency (PAdES B-LTA), or
        the signature beside its statement (CAdES, .p7s), or what proves that for
        longer than its time-stamp holds (RFC 4998); the last two are verified
  sohoa figures feed --month YYYY-MM [--version N] [-o FILE] [--data DIR]
        a closed month for the ministry's measurement, as docs/feed.schema.json
        says; nothing is sent
  sohoa figures provinces FILE.csv [--map FILE] [--format table|json|csv]
        what provinces published, ranked in each period, as they were or merged
  sohoa figures seal [--data DIR]
        seal what was closed; a running service does so by itself
  sohoa search QUERY… [--exact] [--kind CODE] [--agency CODE] [--holder WORDS] [--number NUMBER]
               [--from DAY] [--to DAY] [--limit N] [--after CURSOR] [--who LOGIN] [--json] [--data DIR]
        archived papers by what is in them, with tone marks or without; a QUERY
        of - is read from standard input. Who looked stands in the ledger, what
        was looked for does not; a service may be running
  sohoa search rebuild [--fresh] [--data DIR]
        make the index of the whole archive anew from rows and files; broken off,
        it goes on when it is run again. --fresh empties it first
  sohoa archive import DIR --index LIST --agency CODE [--dry-run] [--resume] [--readers N]
                       [--who LOGIN] [--json] [--data DIR]
        papers that were digitised elsewhere: files below DIR, and a CSV or XLSX
        that says of each its dossier and place. Good rows are taken, nothing of
        a bad one is; broken off, it goes on with --resume
  sohoa import catalogue|agencies|dossiers|calendar FILE [--day DAY] [--who LOGIN] [--dry-run] [--json] [--data DIR]
        lists from elsewhere, CSV or XLSX: procedures as they held on a day, the
        tree of agencies with its mergers, a one-stop system's dossiers, the
        days off and made up for. Every
        difference and every bad row is told by its number; good rows are taken,
        and taken once. --dry-run changes nothing
  sohoa catalogue export catalogue|agencies|dossiers|calendar -o FILE.csv|FILE.xlsx | counts [--day DAY] [--json] [--data DIR]
        the same lists as the house has them, or how many procedures it has by
        service level and tier on a day
  sohoa fixity [--now] [--json] [--data DIR]
        whether every file is still what was kept, in both stores; --now looks
        at all of them and mends one store from the other
  sohoa fixity --orphans | --prune COUNT --who NAME [--store main|second] [--data DIR]
        list, or after 30 days remove, the files that no row names
  sohoa retention rules | rule … | due [--at DAY] | show DOCUMENT | holds | proposals
        how long papers are kept, by which law, and what is due; a rule is added
        with its day, and never changed
  sohoa retention hold … | lift HOLD | propose DOCUMENT… | approve|refuse PROPOSAL… --who LOGIN
        keep papers whatever the rules say; destroy those whose time is over:
        proposed by one person, approved by another, with a certificate in the
        ledger. sohoa retention sweep removes what a store's lock kept
  sohoa scan ADDRESS --as LOGIN [--source feeder|feeder-both|glass] [--dpi N] [--colour colour|gray|black]
  sohoa scan --sane DEVICE --as LOGIN … | ADDRESS --look
        scan with a network scanner (eSCL, without a driver) or one of SANE's
        into the tray of the agency of a scanner's account
  sohoa scanner list | add LOGIN --agency CODE --why TEXT --until DAY [--key FILE.pub] --who LOGIN | remove LOGIN --who LOGIN [--data DIR]
        accounts of scanners, which lay new files down for an agency by SFTP and can
        do nothing else; the password is shown once
  sohoa room list | grant … | end GRANT … | lookers --dossier CODE --who LOGIN
        what an auditor may read, for which purpose, until when; and who looked
        at the papers of a dossier's holder
  sohoa person export (--holder-of DOSSIER | --holder ID) --purpose checking|holder|handling|audit --reason REQUEST --who LOGIN -o FILE.zip [--data DIR]
        all that the house holds on somebody: what it knows, why, how long, who
        looked, and the archived papers, in a bag; it is an act in the ledger
  sohoa person erase (--holder-of DOSSIER | --holder ID) --reason REQUEST --who LOGIN [--data DIR]
        answer somebody who wants their papers deleted: each is refused with its
        law while its time runs, or proposed for disposal, which another approves
  sohoa norm list | add … --who LOGIN
        rules of law that are rows, each from a day on with its law and grade of
        proof: grounds of processing, templates of codes, forms 02 to 07
  sohoa national payload|status --dossier CODE [--data DIR]
        what the national portal would be told of a dossier (docs/national.schema.json),
        or how it was told; the service tells it if SOHOA_NATIONAL_URL is set
  sohoa store copy FROM TO [--dry-run] [--pace MiB/s] [--json] [--data DIR]
        copy one store into another, each file read back; run again, it does
        the rest. FROM and TO: main, second, dir:PATH, env:NAME
  sohoa store ring FILE --key KEY | rekey FILE --key KEY [--new-key KEY] [--fresh]
        make the keys that files are encrypted with, or wrap them by another
        key; KEY is file:PATH or a pkcs11: URI
  sohoa store seal STORE [--pace MiB/s] [--data DIR]
        encrypt what lies there in the clear; a service may be running
  sohoa backup --to DIR [--keys-to KEYS] [--verify] [--keep N] [--pace MiB/s] [--json] [--data DIR]
        back the house up while it works: its rows of one moment and every file
        that they name; what is there already is not copied again. Keys are in no
        backup: --keys-to copies them to a directory of their own
  sohoa backup --check DIR [--backup NAME] | --list DIR
        read a backup to its end and hold all against its digests; list them
  sohoa restore --from DIR --data NEW [--keys KEYS | --without-keys] [--backup NAME] [--json]
        make the house of a backup anew, in an empty place; run again, it does the
        rest. What is missing is named by its document
  sohoa migrate --status [--json] | --up | --down-to VERSION [--data DIR]
        the changes of the database's tables: list them, bring the tables up to
        date while services run, or take them back, with all services stopped,
        where nothing is lost by it
  sohoa doctor [--json] [--data DIR] | --health
        everything that is wrong with a configuration, in one go, and what to
        do about it; a service may be running. --health asks only whether the
        service at SOHOA_ADDR lives, for a container's health check
  sohoa audit verify [--data DIR] [--checkpoint FILE]… [--key KEY|FILE]… [--json]
        recompute the ledger: every event, hash, checkpoint and the rows they
        describe; what was changed, removed, added or moved is named. A
        checkpoint that was kept outside finds what was rewritten as a whole
  sohoa audit prove EVENT -o PROOF [--checkpoint FILE] [--data DIR]
        the proof that an event stands in the ledger; EVENT is its place, its id
        or DOCUMENT:VERSION
  sohoa audit check PROOF --key KEY|FILE… [--checkpoint FILE] [--json]
        check a proof with nothing but these files
  sohoa audit checkpoint [-o FILE] [--data DIR]
        sign the ledger now; a running service does so by the hour
  sohoa audit key|rotate [--data DIR]
        print the public keys of the ledger, or sign with a new one from now on
  sohoa package --kind audit|sip|aip|dip (--document ID | --dossier CODE) -o FILE.zip|DIR
                [--who LOGIN] [--data DIR]
        what may leave the house and be understood without it: an auditor's
        package (BagIt) with proofs of the ledger, or a hand-over package
        (E-ARK CSIP: METS, EAD, PREMIS); a DIP has reading copies alone. Nothing
        is written of a record that is not whole; a service may be running
  sohoa package --check FILE.zip|DIR [--key KEY|FILE]… [--json]
        whether a package is whole and stands in the ledger, anybody's, without
        a house
  sohoa bench line [--dossiers N] [--readers N] [--dossiers-a-year N] [--profile FILE] [--json]
        drive the whole line on this machine with made-up scans, in a directory that
        is gone afterwards: pages a second, each stage's share, memory; and what a
        year of so many dossiers needs
  sohoa bench backlog [--pages N] [--each N] [--drawn N] [--dpi N] [--readers N] [--profile FILE] [--json]
        have a backlog of made-up scans read with nobody at the pages: how much of
        the cores is in Tesseract, and memory while it goes on
  sohoa demo remove [--data DIR]
        remove what --demo made; the service must not be running

Exit codes: 0 done; 1 our fault; 2 usage; 3 damaged or unreadable, and not to
be mended without loss; 4 encrypted: no password, a wrong one, or signed as well;
5 already signed, not rewritten (sohoa serve archives it as it is); 6 kind of file not taken
(also two kinds at once, a form without pages); 7 over a limit
(bytes, pages, pixels, sides of a page, files within, time, memory); 8 the result failed our own check;
10 a signature is invalid; 11 it cannot be told; 12 nothing is signed; 13 some
of many files were not signed; 14 no free place for the mark: say where; 15
signatures out of order; 16 an examination (fixity, doctor) or a copy found
something that is not right, or the ledger or a proof of it does not hold; 130 interrupted.
`

func main() {
	jail.Main(wire.Children())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	code := exitCode(ctx, err)
	if err != nil && !errors.Is(err, errHelp) {
		fmt.Fprintln(os.Stderr, "sohoa:", explain(err))
	}
	os.Exit(code)
}

// run is main without the process around it, so that tests can call it.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(stderr, help)
		return usage("no command given")
	}
	if err := wire.SetLimits(getenv); err != nil && args[0] != "doctor" { // which names it among all else
		return usage("%v", err)
	}
	switch args[0] {
	case "serve":
		return serve(ctx, args[1:], getenv, stdout, stderr)
	case "process":
		return process(ctx, args[1:], stdout, stderr)
	case "pages":
		return pages(ctx, args[1:], stdout, stderr)
	case "inspect":
		return inspectFile(ctx, args[1:], stdout, stderr)
	case "extract":
		return extractFields(ctx, args[1:], stdout, stderr)
	case "sign":
		return sign(ctx, args[1:], getenv, stdout, stderr)
	case "verify":
		return verifyFile(ctx, args[1:], stdout, stderr)
	case "renew":
		return renew(ctx, args[1:], getenv, stdout, stderr)
	case "trust":
		return trust(ctx, args[1:], getenv, stdout, stderr)
	case "figures":
		return figuresOf(ctx, args[1:], getenv, stdout, stderr)
	case "import":
		return importList(ctx, args[1:], getenv, stdout, stderr)
	case "archive":
		return archiveCommand(ctx, args[1:], getenv, stdout, stderr)
	case "catalogue":
		return catalogueCommand(ctx, args[1:], getenv, stdout, stderr)
	case "search":
		return searchCommand(ctx, args[1:], getenv, os.Stdin, stdout, stderr)
	case "fixity":
		return fixityCommand(ctx, args[1:], getenv, stdout, stderr)
	case "backup":
		return backupCommand(ctx, args[1:], getenv, stdout, stderr)
	case "restore":
		return restoreCommand(ctx, args[1:], getenv, stdout, stderr)
	case "migrate":
		return migrate(ctx, args[1:], getenv, stdout, stderr)
	case "doctor":
		return doctor(ctx, args[1:], getenv, stdout, stderr)
	case "national":
		return nationalCommand(ctx, args[1:], getenv, stdout, stderr)
	case "norm":
		return normCommand(ctx, args[1:], getenv, stdout, stderr)
	case "person":
		return personCommand(ctx, args[1:], getenv, stdout, stderr)
	case "scan":
		return scanCommand(ctx, args[1:], getenv, stdout, stderr)
	case "scanner":
		return scannerCommand(ctx, args[1:], getenv, stdout, stderr)
	case "room":
		return roomCommand(ctx, args[1:], getenv, stdout, stderr)
	case "retention":
		return retentionCommand(ctx, args[1:], getenv, stdout, stderr)
	case "store":
		return store(ctx, args[1:], getenv, stdout, stderr)
	case "audit":
		return audit(ctx, args[1:], getenv, stdout, stderr)
	case "package":
		return packageCommand(ctx, args[1:], getenv, stdout, stderr)
	case "bench":
		return benchCommand(ctx, args[1:], stdout, stderr)
	case "demo":
		return removeDemo(ctx, args[1:], stdout)
	case "help", "-h", "--help":
		fmt.Fprint(stdout, help)
		return nil
	}
	return usage("there is no command %q; sohoa help lists them", args[0])
}
