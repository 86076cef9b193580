#include "ui/widgets/sequence_command.h"

#include "core/sequence/names.h"
#include "ui/widgets/files.h"

#include <algorithm>
#include <cmath>

namespace c2c::ui {
namespace {

QString quoted(const QString& argument) {
    static const QString plain = QStringLiteral("./_-=:,+%@");
    const bool simple = !argument.isEmpty() && std::all_of(argument.begin(), argument.end(), [](QChar c) {
        return (c.unicode() < 128 && c.isLetterOrNumber()) || plain.contains(c);
    });
    if (simple)
        return argument;
    QString inside = argument;
    inside.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + inside + QLatin1Char('\'');
}

} // namespace

int place_from_left(const std::vector<FaceEstimate>& faces, std::size_t face) {
    const auto middle = [&](std::size_t i) { return faces[i].face.box.x + faces[i].face.box.width / 2; };
    int place = 1;
    for (std::size_t i = 0; i < faces.size(); ++i)
        place += middle(i) < middle(face);
    return place;
}

std::vector<FaceCurve> numbered(const SequenceRequest& request, const Session& session) {
    std::vector<FaceCurve> curves = request.curves;
    for (FaceCurve& one : curves)
        if (one.face == 0 && request.input.empty() && session.faces().size() > 1)
            one.face = place_from_left(session.faces(), session.look().face);
    return curves;
}

Result<FrameSource> source_of(const SequenceRequest& request, const Session& session) {
    const std::filesystem::path input =
        request.input.empty() && session.picture() ? session.picture()->info.path : request.input;
    std::error_code ignored;
    if (!std::filesystem::exists(input, ignored) && !check_name_pattern(input.string(), NameUse::Sequence))
        return fail(ErrorKind::Input, "{} is not there; check its name.", input.string());
    return list_source({input.string()}, 1001);
}

Result<SequencePlan> plan_of(const SequenceRequest& request, FrameSource source, const Session& session) {
    const auto curves = numbered(request, session);
    for (std::size_t i = 0; i < curves.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (curves[k].face == curves[i].face)
                return fail(ErrorKind::Usage, "Two curves are for face {}; remove one.", curves[i].face);
    return plan_sequence(std::move(source), {.curves = curves, .output = request.pattern.toStdString()});
}

QStringList arguments_of(const SequenceRequest& request, const Session& session) {
    const Look& look = session.look();
    const bool photo = request.input.empty();
    const auto number = [](double value) { return QString::number(value, 'g', 8); };
    QStringList list = {QStringLiteral("sequence"),
                        text_of(photo ? session.picture()->info.path : request.input)};
    for (const FaceCurve& one : numbered(request, session)) {
        const QString whose = one.face == FaceCurve::every_other ? QStringLiteral("all=")
                              : one.face > 0                     ? QStringLiteral("%1=").arg(one.face)
                                                                 : QString();
        list << QStringLiteral("--curve") << whose + QString::fromStdString(curve_text(one.curve));
    }
    list << QStringLiteral("-o") << request.pattern;
    // What the window says of one face; several have their own ages, and a plate's are measured over it.
    if (photo && request.curves.size() == 1 && request.curves.front().face == 0)
        list << QStringLiteral("--from") << number(look.source_age) << QStringLiteral("--gender")
             << (look.gender == Gender::Female ? QStringLiteral("female") : QStringLiteral("male"));
    list << QStringLiteral("--seed") << QString::number(look.seed);
    if (look.amount != 1)
        list << QStringLiteral("--amount") << number(100 * look.amount);
    if (look.replace)
        list << QStringLiteral("--mode") << QStringLiteral("replace");
    if (look.grey_background)
        list << QStringLiteral("--background") << QStringLiteral("grey");
    if (!session.model_choice().folder.empty())
        list << QStringLiteral("--model") << text_of(session.model_choice().folder);
    list << request.more;
    if (request.existing == Existing::Resume)
        list << QStringLiteral("--resume");
    if (request.existing == Existing::Overwrite)
        list << QStringLiteral("--overwrite");
    return list;
}

QString shell_line(const QStringList& arguments) {
    QString line = QStringLiteral("cradle2cane-cli");
    for (const QString& argument : arguments)
        line += QLatin1Char(' ') + quoted(argument);
    return line;
}

AgeCurve stretched(const AgeCurve& curve, FrameSpan from, FrameSpan to) {
    const double scale = from.last > from.first ? (to.last - to.first) / (from.last - from.first) : 0;
    AgeCurve moved;
    for (CurveKey key : curve.keys) {
        key.frame = std::round(to.first + (key.frame - from.first) * scale);
        if (moved.keys.empty() || key.frame > moved.keys.back().frame)
            moved.keys.push_back(key);
    }
    return moved;
}

} // namespace c2c::ui
