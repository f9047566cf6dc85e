package dev.millrace.lab.imports;

import java.util.List;
import java.util.Locale;

/** What is usual for a family of models, for what the model itself does not say. */
enum Preset {
    /** Classifiers trained on ImageNet as torchvision trains them. */
    IMAGENET {
        @Override
        void read(Facts facts) {
            facts.add("kind", "classifier", source());
            facts.add("width", 224, source());
            facts.add("height", 224, source());
            int side = Math.max(facts.number("width"), facts.number("height"));
            facts.add("resize", "{crop: " + Math.round(side / 0.875) + "}", source());
            facts.add("color", "RGB", source());
            facts.add(
                    "normalize",
                    "{scale: 1/255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}",
                    source());
        }

        @Override
        void labels(ModelSurface model, Facts facts) {
            List<Long> sides = model.outputs().getFirst().sides();
            if (sides.size() == 1) {
                facts.labels(ImageNetLabels.of(sides.getFirst()), source());
            }
        }
    },
    /** The image side of CLIP. */
    CLIP {
        @Override
        void read(Facts facts) {
            facts.add("kind", "embedding", source());
            facts.add("width", 224, source());
            facts.add("height", 224, source());
            int side = Math.max(facts.number("width"), facts.number("height"));
            facts.add("resize", "{crop: " + side + "}", source());
            facts.add("filter", "bicubic", source());
            facts.add("color", "RGB", source());
            facts.add(
                    "normalize",
                    "{scale: 1/255, mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954,"
                            + " 0.26130258, 0.27577711]}",
                    source());
            facts.add("unit", "true", source());
        }
    },
    /** YOLO without metadata. */
    YOLO {
        @Override
        void read(Facts facts) {
            facts.add("kind", "detector", source());
            facts.add("width", 640, source());
            facts.add("height", 640, source());
            facts.add("resize", "{letterbox: {fill: \"#727272\"}}", source());
            facts.add("color", "RGB", source());
            facts.add("normalize", "{scale: 1/255}", source());
            facts.add("thresholds", "{score: 0.25}", source());
            facts.add("nms", "{iou: 0.7, perClass: true}", source());
            facts.add("boxLabels", "best", source());
        }
    },
    /** YOLO trained on COCO, with its 80 labels. */
    COCO {
        @Override
        void read(Facts facts) {
            YOLO.read(facts);
            facts.labels(CocoLabels.ALL, source());
        }
    };

    abstract void read(Facts facts);

    /** The labels of the family, where the model has as many scores. */
    void labels(ModelSurface model, Facts facts) {}

    String source() {
        return "the preset " + name().toLowerCase(Locale.ROOT);
    }
}
