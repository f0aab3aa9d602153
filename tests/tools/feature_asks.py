"""What users of viewers ask for and what no viewer looked at has: rows of ``docs/features.md``."""

from __future__ import annotations

from tests.tools.feature_row import Row, nowhere, request

ASKS: tuple[Row, ...] = (
    request(
        "1 Reference lines right in lumbar MRI",
        "yes",
        "from geometry, also for disc-angled stacks",
        "reference_lines",
        "viewer/test_linked_views.py::test_reference_lines_are_where_the_planes_meet",
    ),
    request("2 Level labels in every plane", "yes", "names follow one level map", "level_names"),
    request(
        "3 Correct slice order",
        "yes",
        "by position, never by number or name",
        "",
        "io/test_series.py::test_a_stack_is_sorted_by_position_whatever_number_and_name_say",
    ),
    request(
        "4 Fast scroll and load",
        "yes",
        "middle slices first, prefetch in the background; figures in bench.md",
        "",
        "app/test_stalls.py::test_open_analyse_lock_and_sign_never_hold_the_ui_thread",
    ),
    request(
        "5 MPR of thick sagittals, with a warning",
        "yes",
        "a computed plane says from how thick slices; acquired views are never interpolated between slices",
        "oblique",
        "viewer/test_reslice.py::test_the_turned_plane_says_how_far_and_stays_computed",
    ),
    request(
        "6 W/L presets that persist",
        "partly",
        "kept for each series, never reset by itself; not editable",
        "presets",
    ),
    request(
        "7 Re-bindable mouse",
        "yes",
        "three maps, each gesture editable, one map for 2D and MPR",
        "keys_and_mouse",
    ),
    request(
        "8 Re-bindable keys, series by arrows", "yes", "all keys; left/right change the series", "series_drag"
    ),
    request(
        "9 MR layouts in one click, saved by users", "yes", "H, Shift+H up to 4 x 4, Ctrl+H", "save_layout"
    ),
    request(
        "10 Priors side by side",
        "yes",
        "Ctrl+B, linked by levels",
        "",
        "app/test_prior_comparison.py::test_both_hang_side_by_side_and_go_to_a_level_together",
    ),
    request(
        "11 Sync that survives series change",
        "yes",
        "linked by place in the patient, not by slice number; planes that cross do not scroll together",
        "",
        "viewer/test_linked_views.py::test_hanging_a_series_moves_no_other_viewport",
        "viewer/test_spaces.py::test_unequal_frames_of_reference_follow_only_after_a_link_and_say_so",
    ),
    request(
        "12 Nothing lost when saving fails",
        "yes",
        "the edit is refused in words, what was kept stays",
        "",
        "services/test_read.py::test_a_full_disk_refuses_the_edit_in_words_and_costs_nothing",
    ),
    request("13 Undo that is real", "yes", "named in the menu, each stroke one step", "undo"),
    request("14 Crash recovery", "yes", "killed and found again", "killed"),
    request(
        "15 SEG overlays in the right place",
        "partly",
        "outlines lie on their voxels in every view and leave so as SEG; the window opens no SEG",
        "",
        "io/test_read_seg.py::test_the_ids_come_back_on_their_voxels",
        "viewer/test_grid.py::test_labels_reach_viewports_of_the_same_space_only",
    ),
    request("16 SR that round-trips", "no", "no SR is written yet"),
    request(
        "17 AI provenance kept",
        "yes",
        "model and hash in report, SEG, analysis.json and audit trail",
        "",
        "report/test_ai_parts.py::test_use_of_ai_states_model_hash_mode_and_counts",
        "io/test_seg.py::test_an_edited_segmentation_says_so",
    ),
    request(
        "18 AI in the background, cancel",
        "yes",
        "another process; progress and Stop in the status bar",
        "analysis",
        "services/test_analysis_process.py",
    ),
    request(
        "19 Transitional vertebra, wrong level",
        "yes",
        "four to six lumbar bodies, one vertebra renamed, all shifted; names carry ? until confirmed",
        "level_names",
        "domain/test_level_map.py::test_one_vertebra_is_renamed_and_its_discs_with_it",
    ),
    request(
        "20 Identity visible per viewport",
        "yes",
        "in every viewport, never hidden with the annotations",
        "",
        "viewer/test_corners.py",
        "io/test_series.py::test_two_patient_ids_in_one_study_open_as_two_studies",
    ),
    request(
        "21 Right measurements, honest units",
        "yes",
        "world points in mm; what goes across thick slices says so",
        "measuring",
        "viewer/test_measuring.py",
    ),
    request(
        "22 Robust import, clear errors",
        "yes",
        "a sentence for each bad file, the rest opens; zoo.md",
        "",
        "io/test_scan.py::test_a_bad_file_gives_a_sentence_and_the_rest_loads",
    ),
    request("23 Multi-monitor, window never off-screen", "yes", "own windows, kept on screen", "own_window"),
    request(
        "24 Works without a GPU",
        "yes",
        "software rendering and CPU inference throughout: this very run",
        "lumbar_protocol",
        "render/test_offscreen.py",
    ),
    request(
        "25 Report tool and loading feedback",
        "yes",
        "report beside the images; progress told",
        "report_as_pdf",
    ),
    nowhere(
        "1 Level-aware reading", "yes", "one key takes every view, grid and report to a level", "level_jump"
    ),
    nowhere("2 Lumbar hanging out of the box", "yes", "hung without a click", "lumbar_protocol"),
    nowhere(
        "3 Accept / edit / reject per finding", "yes", "with the AI's original kept", "accept_and_reject"
    ),
    nowhere(
        "4 Provenance end to end",
        "partly",
        "status bar, SEG, report and audit; no SR",
        "",
        "report/test_ai_parts.py::test_use_of_ai_states_model_hash_mode_and_counts",
        "store/test_audit.py::test_tampering_is_found",
    ),
    nowhere(
        "5 AI scope gate",
        "yes",
        "metal, scoliosis, tumour-like marrow, noise, count: withheld or marked, with the reason",
        "",
        "grading/test_scope.py::test_withheld_studies_have_no_grade_at_all",
        "grading/test_scope.py::test_signs_in_the_image_are_stated",
    ),
    nowhere("6 Undo over everything, across restarts", "yes", "one stack of edits", "undo"),
    nowhere(
        "7 Journalled recovery, proved by kills", "yes", "make prove-kill kills it at every step", "killed"
    ),
    nowhere(
        "8 No silent slice",
        "yes",
        "a slice asked for and never painted is marked; coverage per level in the report",
        "viewed_slices",
        "viewer/test_looking.py::test_a_slice_that_was_asked_for_and_never_painted_is_marked",
        "services/test_coverage.py::test_a_level_is_seen_when_all_its_slices_were",
    ),
    nowhere(
        "9 Fidelity badge", "yes", "acquired or computed, from how thick slices, on every image", "oblique"
    ),
    nowhere(
        "10 Export that refuses an invalid object",
        "partly",
        "the tests put every kind of object to dciodvfy; the program reads back but runs no validator itself",
        "",
        "io/test_seg.py::test_an_empty_or_misplaced_map_is_refused",
    ),
    nowhere(
        "11 Sentence linked to pixels",
        "partly",
        "one document for panel, PDF, DOCX, text, HL7; a sentence leads to its images; no SR",
        "",
        "app/test_report_panel.py::test_keys_walk_over_the_sentences_and_ask_for_their_images",
        "report/test_sentences.py::test_a_sentence_changes_with_its_grade_and_own_words_come_back_with_theirs",
    ),
    nowhere(
        "12 Trainee mode",
        "partly",
        "blind reading, then the AI and other readings beside; no kappa of the trainee on screen",
        "",
        "app/test_blindness.py::test_the_whole_window_is_the_same_for_opposite_ai_results_until_a_level_is_locked",
        "services/test_side_by_side.py::test_two_readers_a_trainee_and_an_arbiter_stand_side_by_side",
    ),
    nowhere(
        "13 Trend per level with error",
        "partly",
        "two examinations compared, with the measurement error; no curve over more",
        "",
        "services/test_prior_exam.py::test_a_difference_stands_beside_its_error",
    ),
    nowhere(
        "14 Decode and inference in capped processes",
        "yes",
        "codecs capped in memory, analysis and reports in processes of their own",
        "",
        "io/test_decode_worker.py::test_memory_is_capped",
        "services/test_analysis_process.py",
    ),
    nowhere(
        "15 Published latency, memory, Dice",
        "yes",
        "lvp bench and make_validation; bench.md, validation.md",
        "",
        "app/test_bench.py::test_the_file_holds_the_promised_keys_and_the_table_marks_what_is_over",
    ),
    nowhere(
        "16 Identity lock",
        "yes",
        "image, result, prior and report of another patient are refused",
        "",
        "io/test_series.py::test_two_patient_ids_in_one_study_open_as_two_studies",
        "services/test_prior_studies.py",
    ),
    nowhere(
        "17 Uncertainty per grade",
        "partly",
        "a probability beside each proposal and a mark where not validated; no band of reader agreement",
        "analysis",
        "evaluation/test_statistics.py",
    ),
)
