"""Words that add nothing to a figure or a property: they join it to what has it, count, compare or connect."""

LIGHT_WORDS = frozenset(
    " ".join(
        (
            # verbs that join a figure or a property to what has it
            "accord add allow amount answer appear apply arrive ask base be beat beats become begin belong bring "
            "brought build call came carry claim come compare concern consist contain correspond cost count "
            "deliver depend describe differ do double draw drop equal exceed exist expect explain fall fell find "
            "fit follow found gave get give given go goes got grew grow happen have held hit hold include "
            "increase indicate keep kept know known lag lay lead let lie list listed look made make match may "
            "mean measure mention name need note occur offer outperform own paid pay place provide publish put "
            "quote ran range rank rate rated reach read receive record refer remain report require rise rose run "
            "said say see sell serve set share show shown sit sold specify stand start state stay stem stood sum "
            "surpass take taken talk tell think told took total trail triple undercut use vary want weigh went "
            "work write",
            # words that count, compare and lead through a text
            "about above actually additional again ahead all almost alone along already also although altogether "
            "always among another answer any apart approximate approximately around aside average away back "
            "because behind below beside besides best better between beyond big bigger biggest billion both "
            "bottom brief broad but cheap cheaper cheapest clear clearly close combined common comparable "
            "comparison contrast costlier dear dearer difference different direct directly dozen each eight "
            "either else enough equally especially even ever every exact exactly example expensive extra fact "
            "factor fair far farther fast faster fastest few fewer fewest figure final finally first five fold "
            "former four fourth free full further furthermore general generally good great greater greatest half "
            "hand hardly heavier heaviest heavy hence here high higher highest however hundred identical "
            "important increase indeed information instead interest just kind known large larger largest last "
            "late later latter lead least less light lighter lightest likewise little long longer longest loose "
            "lot loud louder loudest low lower lowest main mainly major many margin mark matter meanwhile mid "
            "million more moreover most mostly much namely narrow narrower near nearly new newer newest next nice "
            "nine no none note nothing number numerous old older oldest once one only opposite order other "
            "otherwise out overall own part particular particularly per percent percentage plain point possible "
            "precisely present previous purpose quarter question quick quicker quickly quiet quieter quietest "
            "quite rather ratio real really reason regard relative respect respectively result right rough "
            "roughly same second secondly separate seven short shorter shortest side significant significantly "
            "similar similarly simple simply single six slight slightly slow slower slowest slowly small smaller "
            "smallest so some something somewhat sort standard still strong stronger strongest sum summary sure "
            "table tall taller ten term text therefore thing third though thousand three thrice thus tie time "
            "times together too top total toward trillion true twelve twice two typical under unit unlike up "
            "upper value various version view way well while whole wide wider widest with within without worse "
            "worst yes yet",
            # what everything in documents about devices is called, and the units it is measured in
            "accelerator advantage april attribute august benchmark bit board byte card chip compute con data day "
            "december dense detail device disadvantage document dollar downside drawback euro evidence favor "
            "favour feature february gigabyte gpu hardware hour item january july june limit machine march may "
            "member minute model module month nd november october operation part performance pro processor product "
            "property rd row second section september sheet source sparse sparsity spec specification speed st stack "
            "strength system tdp terabyte test th throughput token upside variant watt weakness week year",
        )
    ).split()
)
