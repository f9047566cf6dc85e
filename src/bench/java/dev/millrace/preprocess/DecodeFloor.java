package dev.millrace.preprocess;

import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.job.FailureException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** Decodes photos at the scale that an input wants, and nothing else. Used by one thread. */
public final class DecodeFloor implements Floor {
    private final Arena arena = Arena.ofConfined();
    private final List<OpenCvPath> photos = new ArrayList<>();
    private final List<Integer> reductions = new ArrayList<>();

    public DecodeFloor(List<byte[]> jpegs, Target target) throws FailureException {
        ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
        for (byte[] jpeg : jpegs) {
            ImageHeader header = gate.inspect(jpeg);
            reductions.add(target.reduction(header));
            photos.add(new OpenCvPath(jpeg, arena, arena.allocate(3), 1, 1));
        }
    }

    @Override
    public void all() {
        for (int i = 0; i < photos.size(); i++) {
            photos.get(i).decode(reductions.get(i));
        }
    }

    @Override
    public void close() {
        photos.forEach(OpenCvPath::close);
        arena.close();
    }
}
